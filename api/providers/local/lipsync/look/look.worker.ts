import { serveJob } from '../../../process/process.serve';
import { lookForFaces } from './face.look';
import { LookJobSchema } from './look.job';
import { listenForVoice } from './voice.look';

/** A process that looks for faces in a clip, or listens for a voice in a song, and ends. */
if (import.meta.main) {
  await serveJob({
    schema: LookJobSchema,
    run: (job, { signal }) => (job.at === 'faces' ? lookForFaces(job, signal) : listenForVoice(job, signal)),
    failed: { code: 'LipsyncEngineFailed', what: 'Looking for faces and voices failed' },
  });
}
