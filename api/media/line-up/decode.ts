import { safeInput } from '../ffmpeg.arguments';
import { runFfmpeg } from '../ffmpeg.runner';
import type { MediaTools, StepOptions } from '../media.types';
import { LINE_UP_RATE } from './line-up.types';

/** What comes later in a clip or song is not listened to: twenty minutes are longer than any take of a song. */
const MOST_SECONDS = 1200;

/**
 * Decodes a file's own sound as it lies on the grid of its frames (what comes before time 0 is dropped, what is
 * missing becomes silence): mono, LINE_UP_RATE, 16 bits, without a header. Throws MediaStepFailed when it has
 * none that can be decoded.
 */
export async function decodeForLineUp(
  tools: MediaTools,
  input: string,
  output: string,
  step: StepOptions,
): Promise<void> {
  await runFfmpeg(tools, {
    step: 'Decode the sound',
    args: [
      ...['-threads', '1', '-vn', '-sn', '-dn', ...safeInput(input), '-map', '0:a:0'],
      ...['-af', `aresample=${LINE_UP_RATE}:async=1:first_pts=0`, '-ac', '1', '-t', String(MOST_SECONDS)],
      ...['-f', 's16le', output],
    ],
    signal: step.signal,
    timeLimitSeconds: 300,
    maxOutputBytes: (MOST_SECONDS + 1) * LINE_UP_RATE * 2,
  });
}
