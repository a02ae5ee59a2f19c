import { setDefaultTimeout } from 'bun:test';
import { type PaidSubject, paidConformance } from '../test/paid.conformance';
import { startReplicateVendor } from '../test/vendors';
import { createReplicateVideoProvider } from './replicate/replicate-video.provider';

setDefaultTimeout(60_000);

const subject = (model: string): PaidSubject => ({
  title: `clips by ${model} at Replicate`,
  start: startReplicateVendor,
  async run(vendor, { bench, settings, jobId, outputPath }, context) {
    if (vendor.replicate === null) throw new Error('No account.');
    return createReplicateVideoProvider({ account: vendor.replicate, model, settings }).run(
      {
        ...{ jobId, outputPath, workDirectory: bench.folder, width: 1280, height: 720, fps: 25, frames: 90 },
        ...{ prompt: 'a singer in the rain', negativePrompt: '', seed: null, references: [] },
        ...{ imagePath: null, lastImagePath: null },
      },
      context,
    );
  },
  output: async (bench) => ({ bytes: Bun.file(await bench.clip('made.mp4', 25)), contentType: 'video/mp4' }),
});

paidConformance(subject('google/veo-3.1-fast'));
paidConformance(subject('kwaivgi/kling-v2.5-turbo-pro'));
