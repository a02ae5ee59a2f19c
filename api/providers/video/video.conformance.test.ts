import { setDefaultTimeout } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readProcessConfig } from '../../config';
import { findPrograms } from '../../media/ffmpeg.finder';
import { mezzanineVideoArguments } from '../../media/mezzanine.arguments';
import { createLog } from '../../shared/log';
import { createLocalVideoProvider } from '../local/video/local-video.provider';
import { createReplicateVideoProvider } from '../replicate/replicate-video.provider';
import { freeConformance } from '../test/free.conformance';
import { type PaidSubject, paidConformance } from '../test/paid.conformance';
import { startReplicateVendor } from '../test/vendors';

setDefaultTimeout(60_000);

const subject = (model: string): PaidSubject => ({
  title: `clips by ${model} at Replicate`,
  start: startReplicateVendor,
  async run(vendor, { bench, settings, jobId, outputPath }, context) {
    if (vendor.replicate === null) throw new Error('No account.');
    return createReplicateVideoProvider({ account: vendor.replicate, model, settings }).run(
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
    );
  },
  output: async (bench) => ({ bytes: Bun.file(await bench.clip('made.mp4', 25)), contentType: 'video/mp4' }),
});

paidConformance(subject('google/veo-3.1-fast'));
paidConformance(subject('kwaivgi/kling-v2.5-turbo-pro'));

let folder: string;
let ffmpegPath: string;
freeConformance({
  title: 'clips by this machine',
  limitMs: 60_000,
  async prepare() {
    folder = await mkdtemp(join(tmpdir(), 'songreel-video-'));
    const { FFMPEG_BIN: ffmpegBin, FFPROBE_BIN: ffprobeBin } = readProcessConfig();
    const log = createLog('silent');
    ({ ffmpegPath } = await findPrograms({ ffmpegBin, ffprobeBin, log, allowInstall: false }));
    await Bun.write(join(folder, 'broken.png'), 'no picture');
  },
  outputPath: () => join(folder, 'clip.mp4'),
  close: () => rm(folder, { recursive: true, force: true }),
  run(context, input) {
    const format = { width: 640, height: 360, fps: 25 } as const;
    const local = createLocalVideoProvider({
      ffmpegPath,
      videoEncodeArguments: () => mezzanineVideoArguments(format),
    });
    return local.run(
      {
        jobId: 'test',
        prompt: 'a singer in the rain, push in',
        negativePrompt: '',
        ...format,
        frames: 40,
        imagePath: input === 'good' ? null : join(folder, 'broken.png'),
        lastImagePath: null,
        references: [],
        seed: 1,
        outputPath: join(folder, 'clip.mp4'),
        workDirectory: folder,
      },
      context,
    );
  },
});
