import { decodeSound } from '../../../api/providers/local/lipsync/audio/sound.decoder';

const SAMPLE_RATE = 16_000;

/** Root mean square of the sound under each frame. */
export async function loudnessCurve(
  ffmpegPath: string,
  audioPath: string,
  fps: number,
  frames: number,
): Promise<number[]> {
  const samples = await decodeSound(ffmpegPath, audioPath, {
    sampleRate: SAMPLE_RATE,
    mostSamples: Math.ceil((frames / fps) * SAMPLE_RATE),
    signal: new AbortController().signal,
  });
  return Array.from({ length: frames }, (_, frame) => {
    const from = Math.round((frame * SAMPLE_RATE) / fps);
    const to = Math.min(samples.length, Math.round(((frame + 1) * SAMPLE_RATE) / fps));
    let sum = 0;
    for (let i = from; i < to; i++) sum += (samples[i] ?? 0) ** 2;
    return to > from ? Math.sqrt(sum / (to - from)) : 0;
  });
}

/** Sound this far below the loudest frame (20 dB) is no speech any more, nor its breath. */
const QUIET = 0.1;
/** Shorter gaps (frames) are inside a phrase: stops, not pauses. */
const GAP = 3;

/**
 * Which frames lie in phrases. Between them people breathe through open mouths, so loudness and opening
 * are opposed there; inside them they go together.
 */
export function phraseFrames(loudness: readonly number[]): boolean[] {
  const loudest = loudness.reduce((most, value) => Math.max(most, value), 0);
  const isLoud = loudness.map((value) => loudest > 0 && value > QUIET * loudest);
  return isLoud.map((loud, i) => {
    if (loud) return true;
    const before = isLoud.slice(Math.max(0, i - GAP), i).lastIndexOf(true);
    const after = isLoud.slice(i + 1, i + 1 + GAP).indexOf(true);
    return before >= 0 && after >= 0 && Math.min(GAP, i) - before + after <= GAP;
  });
}
