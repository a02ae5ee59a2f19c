import * as v from 'valibot';
import type { Database, Transaction } from '../../../db/connect';
import type { Scene } from '../../contract/scene.schema';
import type { Events } from '../../events/events.types';
import type { Jobs } from '../../jobs/jobs.types';
import { asNewClip } from '../../library/fitting.rules';
import type { Fitting } from '../../library/fitting.types';
import { fileColumns } from '../../library/stored-file.rules';
import { addTake } from '../../library/takes.completion';
import { newTake } from '../../library/takes.rules';
import type { ProviderCallUsecases } from '../../provider-work/provider-calls.usecases';
import type { ProviderUsecases } from '../../provider-work/providers.usecases';
import { madeByOf, RunFactsSchema, UnendedCallSchema } from '../../provider-work/run-facts.rules';
import type { NewId } from '../../shared/ids';
import type { Storage, StoredFile } from '../../storage/storage.types';

/** What starting and showing a scene's image or clip needs. */
export type SceneGenerationDeps = {
  sql: Database;
  jobs: Pick<Jobs, 'create'>;
  providers: Pick<ProviderUsecases, 'choose' | 'estimate' | 'checkBudget'>;
  readScene: (projectId: string, sceneId: string) => Promise<Scene>;
};

/** What making it needs, but for the making itself. */
export type SceneGenerationJobDeps = {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'succeed'>;
  events: Pick<Events, 'publish'>;
  fitting: Pick<Fitting, 'settle'>;
  storage: Pick<Storage, 'temporaryDirectory'>;
  calls: Pick<ProviderCallUsecases, 'end'>;
};

/** The arguments that the completions of images and clips have in common. */
export const generatedEntries = {
  jobId: v.string(),
  projectId: v.string(),
  sceneId: v.string(),
  takeId: v.string(),
  width: v.number(),
  height: v.number(),
  facts: RunFactsSchema,
  unended: UnendedCallSchema,
};
const GeneratedSchema = v.object(generatedEntries);

/** A finished job's result. */
export const GeneratedResultSchema = v.object({ takeId: v.string(), ...RunFactsSchema.entries });

/**
 * Makes what came the scene's newest take and points the scene at it; ends the paid call and the job in
 * the same transaction.
 * @throws AppError `SceneNotFound`, `JobAlreadyEnded`: nothing is changed then
 */
export async function addGeneratedTake(
  deps: Pick<SceneGenerationJobDeps, 'jobs' | 'events' | 'calls' | 'fitting'>,
  tx: Transaction,
  files: StoredFile[],
  of: v.InferOutput<typeof GeneratedSchema> & {
    /** Null: an image. */
    frames: number | null;
    options: Record<string, unknown>;
  },
): Promise<void> {
  const { jobId, projectId, sceneId, takeId, facts, unended, frames } = of;
  const [file, source] = files;
  if (file === undefined) throw new Error('A take without a file.');
  const take = newTake({
    ...fileColumns(file),
    id: takeId,
    projectId,
    sceneId,
    kind: frames === null ? 'image' : 'original',
    width: of.width,
    height: of.height,
    frames,
    sourceFrames: frames,
    sourceKey: source?.key ?? null,
    sourceBytes: source?.bytes ?? null,
    sourceSha256: source?.sha256 ?? null,
    madeBy: madeByOf(facts, of.options),
    costUsd: facts.costUsd,
    jobId,
  });
  await addTake(tx, {
    projectId,
    sceneId,
    takes: (scene) => [
      { take, pointers: frames === null ? { imageTakeId: takeId } : asNewClip(scene, take) },
    ],
    settle: deps.fitting.settle,
    async succeed() {
      if (unended !== null) await deps.calls.end(tx, jobId, unended.callId, unended.end);
      return deps.jobs.succeed(tx, jobId, { result: { takeId, ...facts } });
    },
    publish: deps.events.publish,
    reason: frames === null ? 'image.generated' : 'clip.generated',
  });
}
