import { join } from 'node:path';
import * as v from 'valibot';
import { FacesSchema, VoiceSchema } from '../../../../contract/singing.schema';
import { AppError } from '../../../../shared/errors';
import { createLog } from '../../../../shared/log';
import type { Looks } from '../../../looks.types';
import { runProcess } from '../../../process/process.run';
import type { LookJob } from './look.job';

/** A clip of a quarter of an hour is looked at in well under this on a slow machine; so is a song listened to. */
const LONGEST_MS = 10 * 60_000;

/** With the local lip-sync engine's face and speech models, each in a process of its own at low priority. */
export function localLooks(ffmpegPath: string): Looks {
  const log = createLog('silent');
  const look = (job: LookJob, signal: AbortSignal) =>
    runProcess(
      {
        workerPath: join(import.meta.dir, 'look.worker.ts'),
        job,
        outputPath: null,
        limit: { ms: LONGEST_MS, error: () => died('it took too long', '') },
        died,
      },
      { signal, log, progress: () => undefined },
    );
  return {
    faces: async (clip, signal) =>
      v.parse(FacesSchema, await look({ at: 'faces', ffmpegPath, ...clip }, signal)),
    voice: async (sound, signal) =>
      v.parse(VoiceSchema, await look({ at: 'voice', ffmpegPath, ...sound }, signal)),
  };
}

const died = (ending: string, lastOutput: string) =>
  new AppError({
    code: 'LipsyncEngineDied',
    message: `Looking for faces and voices stopped unexpectedly (${ending}).`,
    details: { lastOutput },
  });
