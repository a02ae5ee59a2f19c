import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readProcessConfig } from '../../../config';
import { findPrograms } from '../../../media/ffmpeg.finder';
import { mezzanineVideoArguments } from '../../../media/mezzanine.arguments';
import { createLog } from '../../../shared/log';
import type { ProviderConformance } from '../../test/conformance.types';
import type { FreeSubject } from '../../test/free.conformance';
import { createLocalImageProvider } from '../image/local-image.provider';
import { createLocalLipsyncProvider } from '../lipsync/local.provider';
import { createTestKit, encodeArguments, type TestKit } from '../lipsync/test/test.clips';
import { createLocalVideoProvider } from '../video/local-video.provider';

function lipsyncSubject(): FreeSubject {
  let kit: TestKit;
  const made = { face: '', none: '', voice: '' };
  return {
    title: 'lip-sync by this machine',
    limitMs: 120_000,
    async prepare() {
      kit = await createTestKit();
      made.face = await kit.face('face.mp4', 20);
      made.none = await kit.noFace('none.mp4', 20);
      made.voice = await kit.voice('voice.wav', 1);
    },
    outputPath: () => join(kit.folder, 'out.mp4'),
    close: () => rm(kit.folder, { recursive: true, force: true }),
    async run(context, input) {
      const { options, width, height, fps } = kit.job({});
      const { ffmpegPath } = kit;
      return createLocalLipsyncProvider({ ffmpegPath, videoEncodeArguments: () => encodeArguments }).run(
        {
          jobId: 'test',
          options,
          width,
          height,
          fps,
          frames: 20,
          audioPath: made.voice,
          videoPath: input === 'good' ? made.face : made.none,
          outputPath: join(kit.folder, 'out.mp4'),
          workDirectory: kit.folder,
        },
        context,
      );
    },
  };
}

function imageSubject(): FreeSubject {
  let folder: string;
  return {
    title: 'images by this machine',
    limitMs: 60_000,
    async prepare() {
      folder = await mkdtemp(join(tmpdir(), 'songreel-image-'));
      await Bun.write(join(folder, 'broken.png'), 'no picture');
    },
    outputPath: () => join(folder, 'card.jpg'),
    close: () => rm(folder, { recursive: true, force: true }),
    run: (context, input) =>
      createLocalImageProvider().run(
        {
          jobId: 'test',
          prompt: 'a singer in the rain',
          negativePrompt: '',
          width: 640,
          height: 360,
          references:
            input === 'good' ? [] : [{ path: join(folder, 'broken.png'), contentType: 'image/png' }],
          seed: 1,
          outputPath: join(folder, 'card.jpg'),
          workDirectory: folder,
          caption: { title: 'Rain', sequence: 1 },
        },
        context,
      ),
  };
}

function videoSubject(): FreeSubject {
  let folder: string;
  let ffmpegPath: string;
  const format = { width: 640, height: 360, fps: 25 } as const;
  return {
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
    run: (context, input) =>
      createLocalVideoProvider({
        ffmpegPath,
        videoEncodeArguments: () => mezzanineVideoArguments(format),
      }).run(
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
      ),
  };
}

export const conformance: ProviderConformance = {
  paid: false,
  subjects: { lipsync: lipsyncSubject(), image: imageSubject(), video: videoSubject() },
};
