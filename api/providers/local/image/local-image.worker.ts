import { serveJob } from '../../process/process.serve';
import { drawCardFile } from './draw-card-file';
import { CardJobSchema } from './local-image.messages';

/** Drawing blocks for a good second: it has a process of its own. */
if (import.meta.main) {
  await serveJob({
    schema: CardJobSchema,
    run: drawCardFile,
    failed: { code: 'CardNotDrawn', what: 'The storyboard card could not be drawn' },
  });
}
