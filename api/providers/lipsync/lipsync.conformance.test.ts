import { setDefaultTimeout } from 'bun:test';
import { kindConformance } from '../test/kind.conformance';

setDefaultTimeout(60_000);

await kindConformance({
  kind: 'lipsync',
  title: 'lip-syncs',
  run: (offers, model, { bench, jobId, outputPath }, context) =>
    offers.lipsync?.create(model).run(
      {
        jobId,
        outputPath,
        workDirectory: bench.folder,
        width: 64,
        height: 64,
        fps: 25,
        frames: 25,
        videoPath: bench.path('clip.mp4'),
        audioPath: bench.path('slice.wav'),
        options: { temperature: 0.7, active_speaker_detection: true, occlusion_detection_enabled: true },
      },
      context,
    ),
  async output(bench) {
    await bench.clip('clip.mp4', 25);
    await bench.sound('slice.wav');
    // Three frames short: the caller fits it, the report says so.
    return { bytes: Bun.file(await bench.clip('short.mp4', 22)), contentType: 'video/mp4' };
  },
});
