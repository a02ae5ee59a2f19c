import type { SectionName } from '../../contract/song-structure.schema';
import { nameSections } from './section-names.rules';
import { rhythmOf } from './song-rhythm.rules';
import { type Spectrum, type Units, unitsOf } from './song-units.rules';

export type SongSection = {
  /** Seconds, end exclusive. */
  start: number;
  end: number;
  /** Null: it could not be told what it is. */
  name: SectionName | null;
  /** The same for all that sound alike: A is the first that is heard. */
  part: string;
};
export type SongStructure = {
  /** Beats per minute; null: no steady beat. */
  bpm: number | null;
  /** Seconds of every beat, and of every first beat of a bar. */
  beats: number[];
  bars: number[];
  sections: SongSection[];
};

/** A section is told from the next by what is heard over this many bars of each. */
const REACH = 4;
/** Two sections have at least this many bars. */
const SHORTEST = 2;
/**
 * How far the sound of what comes must be from what was for a new section to begin there; two bars of the
 * song chosen at random are 1 apart. Tuned with the songs of `tuning` in the test, judged with others.
 */
const CHANGE = 0.17;
/** Sections nearer to each other than this are the same part. */
const ALIKE = 0.22;
/** Sections mostly have bars by the four: places that fit in count this much more. */
const IN_FOURS = 1.2;

/** Finds beats, bars and named sections in a song's peaks (a hundred a second) and its spectrum. */
export function structureOf(peaks: ArrayLike<number>, spectrum: Spectrum): SongStructure {
  const { bpm, beats, isBar } = rhythmOf(peaks);
  const bars = beats.filter((_, index) => isBar[index] === true);
  const units = unitsOf(spectrum, bars);
  if (units.count === 0) return { bpm, beats, bars, sections: [] };
  const cuts = cutsOf(units);
  const { spans, groups } = joined(
    cuts.map((from, index) => ({ from, to: cuts[index + 1] ?? units.count })),
    units.between,
  );
  const names = nameSections(
    spans.map(({ from, to }, index) => ({
      group: groups[index] ?? 0,
      energy: units.fullness(from, to),
      units: to - from,
    })),
  );
  return {
    bpm,
    beats,
    bars,
    sections: spans.map(({ from, to }, index) => ({
      start: units.edges[from] ?? 0,
      end: units.edges[to] ?? 0,
      name: names[index] ?? null,
      part: letterOf(groups[index] ?? 0),
    })),
  };
}

/** A … Z, then A2 …: the alphabet seldom runs out. */
const letterOf = (group: number): string => {
  const round = Math.floor(group / 26);
  return String.fromCharCode(65 + (group % 26)) + (round === 0 ? '' : String(round + 1));
};

/** First units of the sections: cut in two at the strongest change, and the halves again. */
export function cutsOf(units: Units): number[] {
  const whole = changesIn(units, 0, units.count);
  const sums = Array.from({ length: REACH }, (_, phase) =>
    whole.reduce((sum, change, at) => sum + (at % REACH === phase ? change ** 2 : 0), 0),
  );
  const phase = sums.indexOf(Math.max(...sums));
  const cuts: number[] = [];
  const cut = (from: number, to: number): void => {
    const changes = changesIn(units, from, to).map((change, index) =>
      (from + index) % REACH === phase ? change * IN_FOURS : change,
    );
    const strongest = changes.reduce(
      (best, change, index) => (change > (changes[best] ?? 0) ? index : best),
      0,
    );
    if ((changes[strongest] ?? 0) < CHANGE) {
      cuts.push(from);
      return;
    }
    cut(from, from + strongest);
    cut(from + strongest, to);
  };
  cut(0, units.count);
  return cuts;
}

/** How much the song changes at each unit of [from, to), told from what lies within alone. */
function changesIn({ otherSound, otherChords }: Units, from: number, to: number): number[] {
  const places = Array.from({ length: to - from }, (_, index) => from + index);
  const reachAt = (at: number) => Math.min(REACH, at - from, to - at);
  // Without a whole round of chords before and after it can't be told whether they are others.
  const chords = places.map((at) => (reachAt(at) < REACH ? 0 : otherChords(at, REACH)));
  return places.map((at, index) => {
    const reach = reachAt(at);
    if (reach < SHORTEST) return 0;
    // Chords that never come again are others all the time: what counts is where they are others than usual.
    const usual = Math.min(...chords.slice(Math.max(0, index - REACH), index + REACH + 1));
    const sound = otherSound(Math.max(from, at - REACH), at, Math.min(to, at + REACH));
    // Two bars at an end say less than four, and often are a fade.
    return (reach / REACH) ** 1.5 * (sound + Math.max(0, (chords[index] ?? 0) - usual));
  });
}

type Span = { from: number; to: number };

/** Sections with their parts; what follows its own part is one section with it. */
function joined(found: readonly Span[], between: (a: Span, b: Span) => number) {
  const groups = groupsOf(found, between);
  const spans: Span[] = [];
  const kept: number[] = [];
  for (const [index, { from, to }] of found.entries()) {
    const group = groups[index] ?? 0;
    if (kept.at(-1) === group) spans.splice(-1, 1, { from: spans.at(-1)?.from ?? from, to });
    else {
      spans.push({ from, to });
      kept.push(group);
    }
  }
  return { spans, groups: kept };
}

/**
 * Which sections are the same part, numbered as they are first heard: the nearest two are joined until
 * none are alike (average linkage).
 */
export function groupsOf(spans: readonly Span[], between: (a: Span, b: Span) => number): number[] {
  const apart = spans.map((a) => spans.map((b) => (a === b ? 0 : between(a, b))));
  let clusters = spans.map((_, index) => [index]);
  for (;;) {
    let best: { a: number; b: number; distance: number } | null = null;
    for (let a = 0; a < clusters.length; a++) {
      for (let b = a + 1; b < clusters.length; b++) {
        const pairs = (clusters[a] ?? []).flatMap((x) => (clusters[b] ?? []).map((y) => apart[x]?.[y] ?? 0));
        const distance = pairs.reduce((sum, value) => sum + value, 0) / pairs.length;
        if (distance < (best?.distance ?? ALIKE)) best = { a, b, distance };
      }
    }
    if (best === null) break;
    const { a, b } = best;
    const joined = [...(clusters[a] ?? []), ...(clusters[b] ?? [])].sort((x, y) => x - y);
    clusters = clusters.filter((_, index) => index !== a && index !== b);
    clusters.push(joined);
  }
  const ordered = clusters.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
  return spans.map((_, index) => ordered.findIndex((cluster) => cluster.includes(index)));
}
