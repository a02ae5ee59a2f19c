import { setDefaultTimeout } from 'bun:test';
import { kindConformance } from '../test/kind.conformance';

setDefaultTimeout(60_000);

await kindConformance({
  kind: 'video',
  title: 'clips',
  run: (offers, model, { bench, jobId, outputPath }, context) =>
    offers.video?.create(model).run(
      {
        jobId,
        outputPath,
        workDirectory: bench.folder,
        width: 1280,
        height: 720,
        fps: 25,
        frames: 90,
        prompt: 'a singer in the rain',
        negativePrompt: '',
        seed: null,
        references: [],
        imagePath: null,
        lastImagePath: null,
      },
      context,
    ),
  output: async (bench) => ({ bytes: Bun.file(await bench.clip('made.mp4', 25)), contentType: 'video/mp4' }),
});
