import { accessFeature } from './access/feature';
import { auditFeature } from './audit/feature';
import { composeFeature } from './compose/feature';
import { copiesFeature } from './copies/feature';
import { eventsFeature } from './events/feature';
import { exportsFeature } from './exports/feature';
import { featureList } from './feature-list';
import { fitFeature } from './fit/feature';
import { generateFeature } from './generate/feature';
import { historyFeature } from './history/feature';
import { jobsFeature } from './jobs/feature';
import { lineUpFeature } from './line-up/feature';
import { lipsyncFeature } from './lipsync/feature';
import { mediaBinFeature } from './media-bin/feature';
import { projectsFeature } from './projects/feature';
import { proposalFeature } from './proposal/feature';
import { providerCallsFeature } from './provider-calls/feature';
import { providersFeature } from './providers/feature';
import { sampleFeature } from './sample/feature';
import { scenesFeature } from './scenes/feature';
import { splitFeature } from './split/feature';
import { systemFeature } from './system/feature';
import { takesFeature } from './takes/feature';
import { trimFeature } from './trim/feature';
import { uploadsFeature } from './uploads/feature';
import { videosFeature } from './videos/feature';

/**
 * Every feature, one line each; the app's routes, the workers' jobs and the store's completions come from here.
 * Apart from it only what callers reach without being let in: webhooks, media by signed URL, signing in.
 */
export const features = featureList()
  .add(systemFeature)
  .add(sampleFeature)
  .add(projectsFeature)
  .add(scenesFeature)
  .add(takesFeature)
  .add(uploadsFeature)
  .add(fitFeature)
  .add(trimFeature)
  .add(splitFeature)
  .add(copiesFeature)
  .add(historyFeature)
  .add(mediaBinFeature)
  .add(proposalFeature)
  .add(lineUpFeature)
  .add(lipsyncFeature)
  .add(generateFeature)
  .add(providersFeature)
  .add(composeFeature)
  .add(exportsFeature)
  .add(jobsFeature)
  .add(eventsFeature)
  .add(videosFeature)
  .add(providerCallsFeature)
  .add(accessFeature)
  .add(auditFeature);

export type Features = ReturnType<typeof features.make>;
