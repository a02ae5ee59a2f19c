import { decodeSound } from '../../../api/providers/lipsync/local/io/sound.decoder';

const SAMPLE_RATE = 16_000;

/** Root mean square of the sound under each frame. */
export async function loudnessCurve(
  ffmpegPath: string,
  audioPath: string,
  fps: number,
  frames: number,
): Promise<number[]> {
  const samples = await decodeSound(ffmpegPath, audioPath, SAMPLE_RATE, new AbortController().signal);
  return Array.from({ length: frames }, (_, frame) => {
    const from = Math.round((frame * SAMPLE_RATE) / fps);
    const to = Math.min(samples.length, Math.round(((frame + 1) * SAMPLE_RATE) / fps));
    let sum = 0;
    for (let i = from; i < to; i++) sum += (samples[i] ?? 0) ** 2;
    return to > from ? Math.sqrt(sum / (to - from)) : 0;
  });
}
