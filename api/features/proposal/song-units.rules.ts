/** What is heard of a song: rows of twelve pitch classes and of bands (natural logarithm of the power). */
export type Spectrum = {
  stepsPerSecond: number;
  steps: number;
  chroma: ArrayLike<number>;
  bands: ArrayLike<number>;
  bandCount: number;
};

type Span = { from: number; to: number };

/** The bars of a song, or stretches of two seconds where it has none, as they compare with each other. */
export type Units = {
  count: number;
  /** Seconds at which each begins, and the song's end: count + 1. */
  edges: number[];
  /** How far the sound of [at, to) is from that of [from, at). Two units at random are about 1 apart. */
  otherSound(from: number, at: number, to: number): number;
  /** How far the chords from `at` on are from those before it, `round` units of each one by one. */
  otherChords(at: number, round: number): number;
  /** How far two sections are from each other, the shorter one laid over the longer where it fits best. */
  between(a: Span, b: Span): number;
  /** How loud and full a section is; 0 is the song's middle, 1 its usual deviation. */
  fullness(from: number, to: number): number;
};

const PITCH_CLASSES = 12;
/** Without a beat. */
const UNIT_SECONDS = 2;
/** Colour of the sound against chords: songs change it from part to part more than their chords. */
const TIMBRE_WEIGHT = 0.6;
/** Less change than this of a band's level (natural log: 1.7 dB) or of the chords is no change at all. */
const LEAST_LEVEL = 0.4;
const LEAST_CHORD = 0.15;
/** A hundredth of a band's usual power is not heard beside the rest. */
const FAINT = 0.1;
/** What one section's length may be of another's before it counts against their being the same part. */
const SHORT_SHARE = 0.45;
const SHORT_PENALTY = 0.15;

/** @param bars seconds of the bars' first beats; empty: there is no beat */
export function unitsOf(spectrum: Spectrum, bars: readonly number[]): Units {
  const seconds = spectrum.steps / spectrum.stepsPerSecond;
  const edges = edgesOf(bars, seconds);
  const count = Math.max(0, edges.length - 1);
  const rows = audible(
    Array.from({ length: count }, (_, unit) => meansOf(spectrum, edges[unit] ?? 0, edges[unit + 1] ?? 0)),
  );
  const { vectors, levels } = normalised(rows);
  const size = vectors[0]?.length ?? 0;
  const chords = size - PITCH_CLASSES;
  const mean = (from: number, to: number): number[] => {
    const sum = new Array<number>(size).fill(0);
    for (let unit = from; unit < to; unit++) {
      for (let at = 0; at < size; at++) sum[at] = (sum[at] ?? 0) + (vectors[unit]?.[at] ?? 0) / (to - from);
    }
    return sum;
  };
  return {
    count,
    edges,
    otherSound: (from, at, to) => distance(mean(from, at), mean(at, to), 0, chords),
    otherChords(at, round) {
      let sum = 0;
      for (let unit = at; unit < at + round; unit++) {
        sum += distance(vectors[unit - round] ?? [], vectors[unit] ?? [], chords);
      }
      return sum / round;
    },
    between(a, b) {
      const [short, long] = a.to - a.from <= b.to - b.from ? [a, b] : [b, a];
      const [length, room] = [short.to - short.from, long.to - long.from];
      let nearest = Number.POSITIVE_INFINITY;
      for (let lag = 0; lag <= room - length; lag++) {
        let sum = 0;
        for (let at = 0; at < length; at++) {
          sum += distance(vectors[short.from + at] ?? [], vectors[long.from + lag + at] ?? []);
        }
        nearest = Math.min(nearest, sum / length);
      }
      const asWhole = distance(mean(a.from, a.to), mean(b.from, b.to));
      return (nearest + asWhole) / 2 + (length / room < SHORT_SHARE ? SHORT_PENALTY : 0);
    },
    fullness: (from, to) => levels.slice(from, to).reduce((sum, level) => sum + level, 0) / (to - from),
  };
}

/** Where units begin, and the song's end. What is before the first bar is one when it is long enough. */
function edgesOf(bars: readonly number[], seconds: number): number[] {
  if (seconds <= 0) return [];
  const [first, second] = bars;
  if (first === undefined || second === undefined) {
    const count = Math.max(1, Math.round(seconds / UNIT_SECONDS));
    return [...Array.from({ length: count }, (_, index) => index * UNIT_SECONDS), seconds];
  }
  const bar = second - first;
  const inside = bars.filter((at) => at < seconds - bar / 2);
  const starts = first > bar / 2 ? [0, ...inside] : [0, ...inside.slice(1)];
  return [...starts, seconds];
}

type Row = { chroma: number[]; bands: number[] };

function meansOf(
  { stepsPerSecond, steps, chroma, bands, bandCount }: Spectrum,
  start: number,
  end: number,
): Row {
  const from = Math.min(Math.round(start * stepsPerSecond), steps - 1);
  const to = Math.max(from + 1, Math.min(steps, Math.round(end * stepsPerSecond)));
  const mean = (width: number, valueAt: (at: number) => number) =>
    Array.from({ length: width }, (_, column) => {
      let sum = 0;
      for (let step = from; step < to; step++) sum += valueAt(step * width + column);
      return sum / (to - from);
    });
  const notes = mean(PITCH_CLASSES, (at) => chroma[at] ?? 0);
  const loudest = Math.hypot(...notes) || 1;
  return {
    chroma: notes.map((note) => note / loudest),
    // Of the power, not of its logarithm: half a second of silence must not outweigh a bar of music.
    bands: mean(bandCount, (at) => Math.exp(bands[at] ?? 0)).map((power) => Math.log(power)),
  };
}

/**
 * Levels by band, in which what is far under the band's usual power counts as nothing: a silent intro must
 * not make all the rest look alike.
 */
function audible(rows: readonly Row[]): Row[] {
  const usual = (rows[0]?.bands ?? []).map(
    (_, band) => rows.reduce((sum, row) => sum + Math.exp(row.bands[band] ?? 0), 0) / rows.length,
  );
  return rows.map(({ chroma, bands }) => ({
    chroma,
    bands: bands.map((level, band) => Math.log(Math.exp(level) + FAINT * (usual[band] ?? 0))),
  }));
}

/** Vectors whose squared distance is 1 for units at random: levels by band and chords, centred on the song. */
function normalised(rows: readonly Row[]): { vectors: number[][]; levels: number[] } {
  const count = Math.max(1, rows.length);
  const column = (values: readonly number[]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    const power = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
    return { mean, deviation: Math.sqrt(power) };
  };
  const bandCount = rows[0]?.bands.length ?? 0;
  const bands = Array.from({ length: bandCount }, (_, band) =>
    column(rows.map((row) => row.bands[band] ?? 0)),
  );
  const notes = Array.from({ length: PITCH_CLASSES }, (_, note) =>
    column(rows.map((row) => row.chroma[note] ?? 0)),
  );
  const spread = Math.max(LEAST_CHORD, Math.hypot(...notes.map(({ deviation }) => deviation)));
  const timbre = Math.sqrt(TIMBRE_WEIGHT / 2 / Math.max(1, bandCount));
  const chord = Math.sqrt((1 - TIMBRE_WEIGHT) / 2) / spread;
  const level = (row: Row, band: number) => {
    const { mean, deviation } = bands[band] ?? { mean: 0, deviation: 1 };
    return ((row.bands[band] ?? 0) - mean) / Math.max(LEAST_LEVEL, deviation);
  };
  return {
    vectors: rows.map((row) => [
      ...row.bands.map((_, band) => timbre * level(row, band)),
      ...row.chroma.map((value, note) => chord * (value - (notes[note]?.mean ?? 0))),
    ]),
    levels: rows.map(
      (row) => row.bands.reduce((sum, _, band) => sum + level(row, band), 0) / Math.max(1, bandCount),
    ),
  };
}

/** Squared; of the numbers in [from, to). */
function distance(a: readonly number[], b: readonly number[], from = 0, to = a.length): number {
  let sum = 0;
  for (let at = from; at < to; at++) sum += ((a[at] ?? 0) - (b[at] ?? 0)) ** 2;
  return sum;
}
