import { setDefaultTimeout } from 'bun:test';
import { kindConformance } from '../test/kind.conformance';

setDefaultTimeout(60_000);

/** One grey pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=';

await kindConformance({
  kind: 'image',
  title: 'images',
  run: (offers, model, { bench, jobId, outputPath }, context) =>
    offers.image?.create(model).run(
      {
        jobId,
        outputPath,
        workDirectory: bench.folder,
        width: 1280,
        height: 720,
        seed: null,
        prompt: 'a singer in the rain',
        negativePrompt: '',
        references: [],
        caption: { title: 'Rain', sequence: 1 },
      },
      context,
    ),
  output: async () => ({ bytes: new Uint8Array(Buffer.from(PNG, 'base64')), contentType: 'image/png' }),
});
