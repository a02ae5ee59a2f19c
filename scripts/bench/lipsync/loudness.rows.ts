import { bestLag, correlation, correlationAt } from './curve.statistics';
import { phraseFrames } from './loudness.curve';

export type LoudnessRow = Record<string, string | number>;

/**
 * How a mouth goes with the loudness of a voice: over the whole clip, and inside its phrases alone.
 * People part their lips between phrases, most of all to breathe; over the whole clip a real talker's own
 * mouth may therefore be opposed to the loudness of their own voice, and its best lag means nothing.
 */
export function loudnessRow(
  clip: string,
  mouth: string,
  loudness: readonly number[],
  apertures: readonly number[],
): LoudnessRow {
  const phrases = phraseFrames(loudness);
  return {
    clip,
    mouth,
    r: correlation(loudness, apertures).toFixed(2),
    lag: bestLag(loudness, apertures),
    'frames in phrases': `${phrases.filter(Boolean).length}/${phrases.length}`,
    'r in phrases': correlationAt(0, loudness, apertures, phrases).toFixed(2),
    'lag in phrases': bestLag(loudness, apertures, phrases),
  };
}
