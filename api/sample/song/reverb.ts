import { SONG_RATE, type Stereo } from './instruments';

/** A small hall after Schroeder 1962: four combs and two all-passes a side, the right a little longer. */
export function reverb(sound: Stereo, decay = 0.8): Stereo {
  const side = (x: Float32Array, stretch: number) => {
    const out = new Float32Array(x.length);
    for (const milliseconds of [29.7, 37.1, 41.1, 43.7]) {
      const buffer = new Float32Array(Math.round((milliseconds / 1000) * stretch * SONG_RATE));
      let [at, damp] = [0, 0];
      for (let i = 0; i < x.length; i += 1) {
        const late = buffer[at] ?? 0;
        damp += (late - damp) * 0.45;
        buffer[at] = (x[i] ?? 0) + damp * decay;
        at = (at + 1) % buffer.length;
        out[i] = (out[i] ?? 0) + late * 0.25;
      }
    }
    for (const milliseconds of [5, 1.7]) {
      const buffer = new Float32Array(Math.round((milliseconds / 1000) * stretch * SONG_RATE));
      let at = 0;
      for (let i = 0; i < out.length; i += 1) {
        const late = buffer[at] ?? 0;
        const input = (out[i] ?? 0) + late * 0.7;
        buffer[at] = input;
        out[i] = late - input * 0.7;
        at = (at + 1) % buffer.length;
      }
    }
    return out;
  };
  return { left: side(sound.left, 1), right: side(sound.right, 1.03) };
}

/** Adds a sound onto another with a gain, in place. */
export function mixInto(into: Stereo, sound: Stereo, gain: number): void {
  for (let i = 0; i < into.left.length; i += 1) {
    into.left[i] = (into.left[i] ?? 0) + (sound.left[i] ?? 0) * gain;
    into.right[i] = (into.right[i] ?? 0) + (sound.right[i] ?? 0) * gain;
  }
}
