import { setDefaultTimeout } from 'bun:test';
import type { PaidSubject } from '../test/paid.conformance';
import { paidConformance } from '../test/paid.conformance';
import { startReplicateVendor, startSyncVendor } from '../test/vendors';
import { createReplicateLipsyncProvider } from './replicate/replicate-lipsync.provider';
import { createSyncLipsyncProvider } from './sync/sync-lipsync.provider';

setDefaultTimeout(60_000);

const run: PaidSubject['run'] = async (vendor, { bench, settings, jobId, outputPath }, context) => {
  const provider = vendor.replicate
    ? createReplicateLipsyncProvider({ account: vendor.replicate, model: 'sync/lipsync-2-pro', settings })
    : vendor.sync && createSyncLipsyncProvider({ account: vendor.sync, model: 'lipsync-2-pro', settings });
  if (provider === null) throw new Error('No account.');
  return provider.run(
    {
      ...{ jobId, outputPath, workDirectory: bench.folder, width: 64, height: 64, fps: 25, frames: 25 },
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
