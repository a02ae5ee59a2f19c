import type { AnalyseSpeechOptions, MouthTargets } from '../audio/audio.types';
export function analyseSpeech(samples: Float32Array, { fps, frames }: AnalyseSpeechOptions): MouthTargets {
  const loud = new Float32Array(frames);
  for (let f = 0; f < frames; f++) {
    let sum = 0;
    const a = Math.floor((f * 16000) / fps);
    const b = Math.floor(((f + 1) * 16000) / fps);
    for (let i = a; i < b; i++) sum += (samples[i] ?? 0) ** 2;
    loud[f] = Math.sqrt(sum / (b - a));
  }
  const top = [...loud].sort((x, y) => x - y)[Math.floor(frames * 0.95)] ?? 1;
  const norm = loud.map((v) => Math.min(1, v / (top || 1)));
  const sm = norm.map((v, i) => 0.25 * (norm[i - 1] ?? v) + 0.5 * v + 0.25 * (norm[i + 1] ?? v));
  return {
    aperture: sm,
    width: new Float32Array(frames),
    closed: new Float32Array(frames),
    voiced: norm,
    loudness: norm,
  };
}
