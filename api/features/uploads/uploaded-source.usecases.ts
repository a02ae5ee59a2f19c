import { join } from 'node:path';
import * as v from 'valibot';
import type { Job } from '../../contract/job.schema';
import type { JobContext } from '../../jobs/jobs.types';
import { hasCode } from '../../shared/errors';
import type { Storage } from '../../storage/storage.types';
import { damagedUpload } from './uploads.errors';
import { type UploadedSource, UploadedSourceSchema } from './uploads.rules';

/** What a run works with: its job, and the file that was uploaded. */
export type UploadRun = { job: Job; options: UploadedSource };

/** The arguments that the completions of uploads have in common. */
export const uploadedEntries = {
  jobId: v.string(),
  projectId: v.string(),
  takeId: v.string(),
  source: UploadedSourceSchema,
};

/** Fetches the job's source into a folder of its own, and removes the folder afterwards. */
export async function withSource(
  storage: Pick<Storage, 'download' | 'temporaryDirectory'>,
  { job, options: source }: UploadRun,
  context: JobContext,
  work: (input: string, directory: string) => Promise<void>,
): Promise<void> {
  await using directory = await storage.temporaryDirectory(job.id);
  try {
    context.progress('fetching', 0);
    const input = join(directory.path, 'source');
    await storage.download(source.sourceKey, input, {
      signal: context.signal,
      sha256: source.sourceSha256,
    });
    await work(input, directory.path);
  } catch (error) {
    // ffmpeg read the file, and could not play it to its end: damage that looking at its index doesn't show.
    throw hasCode(error, 'MediaStepFailed') ? damagedUpload(error) : error;
  }
}
