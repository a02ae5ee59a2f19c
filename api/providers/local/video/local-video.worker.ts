import { serveJob } from '../../process/process.serve';
import { ClipJobSchema } from './local-video.messages';
import { makeClip } from './make-clip';

/** Moving a picture keeps a core busy: it has a process of its own. */
if (import.meta.main) {
  await serveJob({
    schema: ClipJobSchema,
    run: makeClip,
    failed: { code: 'ClipNotMade', what: 'The clip could not be made' },
  });
}
