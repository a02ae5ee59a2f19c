/** Loudness of a song: one value for each hundredth of a second, 0..255. */
export const PEAKS_PER_SECOND = 100;

export type Rhythm = {
  /** Beats per minute; null when the song has no steady beat. */
  bpm: number | null;
  /** Seconds of every beat; empty without a beat. */
  beats: number[];
  /** Which beats begin a bar of four. */
  isBar: boolean[];
};

const SLOWEST_BPM = 60;
const FASTEST_BPM = 190;
/** Tempos around 120 are the likeliest, by an octave (Ellis, "Beat tracking by dynamic programming", 2007). */
const LIKELIEST_BPM = 120;
const OCTAVES = 0.9;
/** A steady beat correlates with itself at least this much; speech and drones stay under 0.1. */
const STEADY = 0.16;
const BEATS_A_BAR = 4;

/** How much louder each hundredth of a second is than the one before, as the ear hears it. */
export function onsetsOf(peaks: ArrayLike<number>): Float64Array {
  const heard = Float64Array.from(peaks, (peak) => Math.log1p(peak / 8));
  const onsets = new Float64Array(heard.length);
  for (let at = 2; at < heard.length; at++) {
    // Over two steps: an attack seldom starts with a step.
    onsets[at] = Math.max(0, (heard[at] ?? 0) - (heard[at - 2] ?? 0));
  }
  return onsets;
}

/** Finds tempo, beats and bars in the loudness of a song. */
export function rhythmOf(peaks: ArrayLike<number>): Rhythm {
  const onsets = onsetsOf(peaks);
  const none: Rhythm = { bpm: null, beats: [], isBar: [] };
  const period = periodOf(onsets);
  if (period === null) return none;
  const phase = phaseOf(onsets, period);
  const count = Math.floor((onsets.length - 1 - phase) / period) + 1;
  const places = Array.from({ length: count }, (_, index) => phase + index * period);
  const accent = Array.from({ length: BEATS_A_BAR }, (_, first) =>
    places.reduce(
      (sum, place, index) => sum + (index % BEATS_A_BAR === first ? accentAt(peaks, place) : 0),
      0,
    ),
  );
  const downbeat = accent.indexOf(Math.max(...accent));
  return {
    bpm: (60 * PEAKS_PER_SECOND) / period,
    beats: places.map((place) => place / PEAKS_PER_SECOND),
    isBar: places.map((_, index) => index % BEATS_A_BAR === downbeat),
  };
}

/** The beat in hundredths of a second, with fractions; null when nothing repeats steadily. */
function periodOf(onsets: Float64Array): number | null {
  const mean = onsets.reduce((sum, onset) => sum + onset, 0) / Math.max(1, onsets.length);
  const centred = onsets.map((onset) => onset - mean);
  const power = centred.reduce((sum, onset) => sum + onset * onset, 0);
  if (power === 0) return null;
  const likeness = (lag: number) => {
    let sum = 0;
    for (let at = lag; at < centred.length; at++) sum += (centred[at] ?? 0) * (centred[at - lag] ?? 0);
    return sum / power;
  };
  const [shortest, longest] = [FASTEST_BPM, SLOWEST_BPM].map((bpm) => (60 * PEAKS_PER_SECOND) / bpm);
  let best: { lag: number; score: number; steady: number } | null = null;
  for (let lag = Math.round(shortest ?? 1); lag <= Math.round(longest ?? 1); lag++) {
    const octaves = Math.log2((60 * PEAKS_PER_SECOND) / lag / LIKELIEST_BPM);
    const weight = Math.exp(-0.5 * (octaves / OCTAVES) ** 2);
    // A beat repeats after two and four beats as well; one step beside is the same beat, rounded.
    const near = (at: number) => Math.max(likeness(at - 1), likeness(at), likeness(at + 1));
    const steady = (near(lag) + near(2 * lag) + near(4 * lag)) / 3;
    if (best === null || steady * weight > best.score) best = { lag, score: steady * weight, steady };
  }
  if (best === null || best.steady < STEADY) return null;
  return refined(best.lag, likeness, onsets.length);
}

/** Narrows a period down by where it returns after ever more beats: an error adds up over them. */
function refined(lag: number, likeness: (lag: number) => number, length: number): number {
  let period = lag;
  for (let beats = 4; beats * period < length / 2 && beats <= 64; beats *= 2) {
    const middle = Math.round(beats * period);
    // As far as the beat may be off after what is known from half as many.
    const reach = beats === 4 ? 4 : 2;
    let [place, highest] = [middle, Number.NEGATIVE_INFINITY];
    for (let at = middle - reach; at <= middle + reach; at++) {
      const value = likeness(at);
      if (value > highest) [place, highest] = [at, value];
    }
    period = place / beats;
  }
  return period;
}

/** Where the first beat falls, in hundredths of a second. */
function phaseOf(onsets: Float64Array, period: number): number {
  let [phase, highest] = [0, -1];
  for (let start = 0; start < period; start++) {
    let sum = 0;
    for (let place = start; place < onsets.length; place += period) sum += onsets[Math.round(place)] ?? 0;
    if (sum > highest) [phase, highest] = [start, sum];
  }
  return phase;
}

/** How strongly a beat is struck: the loudest of the next twentieth of a second. */
function accentAt(peaks: ArrayLike<number>, place: number): number {
  let loudest = 0;
  for (let at = Math.round(place); at < place + 5; at++) loudest = Math.max(loudest, peaks[at] ?? 0);
  return loudest;
}
