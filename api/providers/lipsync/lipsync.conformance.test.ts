import { setDefaultTimeout } from 'bun:test';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createLocalLipsyncProvider } from '../local/lipsync/local.provider';
import { createTestKit, encodeArguments, type TestKit } from '../local/lipsync/test/test.clips';
import { createReplicateLipsyncProvider } from '../replicate/replicate-lipsync.provider';
import { createSyncLipsyncProvider } from '../sync/sync-lipsync.provider';
import { freeConformance } from '../test/free.conformance';
import type { PaidSubject } from '../test/paid.conformance';
import { paidConformance } from '../test/paid.conformance';
import { startReplicateVendor, startSyncVendor } from '../test/vendors';

setDefaultTimeout(60_000);

const run: PaidSubject['run'] = async (vendor, { bench, settings, jobId, outputPath }, context) => {
  const provider = vendor.replicate
    ? createReplicateLipsyncProvider({ account: vendor.replicate, model: 'sync/lipsync-2-pro', settings })
    : vendor.sync && createSyncLipsyncProvider({ account: vendor.sync, model: 'lipsync-2-pro', settings });
  if (provider === null) throw new Error('No account.');
  return provider.run(
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
  );
};
const output: PaidSubject['output'] = async (bench) => {
  await bench.clip('clip.mp4', 25);
  await bench.sound('slice.wav');
  // Three frames short: the caller fits it, the report says so.
  return { bytes: Bun.file(await bench.clip('short.mp4', 22)), contentType: 'video/mp4' };
};

paidConformance({ title: 'lip-sync by Replicate', start: startReplicateVendor, run, output });
paidConformance({ title: 'lip-sync by sync.so', start: startSyncVendor, run, output });

let kit: TestKit;
const made = { face: '', none: '', voice: '' };
freeConformance({
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
    const local = createLocalLipsyncProvider({
      ffmpegPath: kit.ffmpegPath,
      videoEncodeArguments: () => encodeArguments,
    });
    return local.run(
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
});
