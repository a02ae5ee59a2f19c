import { SONG_RATE, type Stereo } from './instruments';

type Biquad = readonly [b0: number, b1: number, b2: number, a1: number, a2: number];
/** K-weighting at 48 kHz: the two filters of ITU-R BS.1770-4, tables 1 and 2. */
const kWeighting: readonly Biquad[] = [
  [1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585],
  [1, -2, 1, -1.99004745483398, 0.99007225036621],
];

function filter(x: Float32Array, [b0, b1, b2, a1, a2]: Biquad): Float32Array {
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  return x.map((value) => {
    const y = b0 * value + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
    x2 = x1;
    x1 = value;
    y2 = y1;
    y1 = y;
    return y;
  });
}

/** Integrated loudness in LUFS (ITU-R BS.1770-4: 400 ms blocks, gates at -70 LUFS and -10 LU). */
export function integratedLoudness(sound: Stereo): number {
  const channels = [sound.left, sound.right].map((c) => kWeighting.reduce(filter, c));
  const block = Math.round(0.4 * SONG_RATE);
  const powers: number[] = [];
  for (let start = 0; start + block <= sound.left.length; start += block / 4) {
    let sum = 0;
    for (const c of channels) for (let i = start; i < start + block; i += 1) sum += (c[i] ?? 0) ** 2;
    powers.push(sum / block);
  }
  const loudness = (list: number[]) =>
    list.length === 0 ? -70 : -0.691 + 10 * Math.log10(list.reduce((a, b) => a + b, 0) / list.length);
  const audible = powers.filter((p) => loudness([p]) > -70);
  const gate = loudness(audible) - 10;
  return loudness(audible.filter((p) => loudness([p]) > gate));
}

/** Look-ahead limiter: the gain is down before the peak comes and recovers over about 80 ms. */
function limit(sound: Stereo, ceiling: number): Stereo {
  const reach = Math.round(0.004 * SONG_RATE);
  const gain = new Float32Array(sound.left.length);
  for (let i = 0; i < gain.length; i += 1)
    gain[i] = Math.min(
      1,
      ceiling / Math.max(Math.abs(sound.left[i] ?? 0), Math.abs(sound.right[i] ?? 0), 1e-9),
    );
  // Backwards: every peak pulls the gain down linearly over the 4 ms before it.
  const attack = 1 / reach;
  for (let i = gain.length - 2; i >= 0; i -= 1) gain[i] = Math.min(gain[i] ?? 1, (gain[i + 1] ?? 1) + attack);
  const release = 1 - Math.exp(-1 / (0.08 * SONG_RATE));
  let now = 1;
  for (let i = 0; i < gain.length; i += 1) {
    now = Math.min(gain[i] ?? 1, now + (1 - now) * release);
    gain[i] = now;
  }
  return {
    left: sound.left.map((s, i) => s * (gain[i] ?? 1)),
    right: sound.right.map((s, i) => s * (gain[i] ?? 1)),
  };
}

/** -14 LUFS is what streaming services play at; -1.5 dB leaves room for the peaks that encoders add. */
const TARGET_LUFS = -14;
const CEILING = 10 ** (-1.5 / 20);

/** Gentle saturation, gain to -14 LUFS, limiter at -1.5 dBFS. The gain is found in two rounds. */
export function master(mix: Stereo): Stereo {
  let loud = 10 ** ((TARGET_LUFS - integratedLoudness(mix)) / 20);
  let result = mix;
  for (let round = 0; round < 2; round += 1) {
    const drive = (s: number) => Math.tanh(s * loud * 0.8) / 0.8;
    result = limit({ left: mix.left.map(drive), right: mix.right.map(drive) }, CEILING);
    if (round === 0) loud *= 10 ** ((TARGET_LUFS - integratedLoudness(result)) / 20);
  }
  return result;
}
