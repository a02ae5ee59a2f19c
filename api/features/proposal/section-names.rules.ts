import type { SectionName } from '../../contract/song-structure.schema';

/** A section as far as its name follows from it. */
export type HeardSection = {
  /** Which part it is; sections of the same part have the same. */
  group: number;
  /** How loud and full it is; 0 is the song's middle, 1 its usual deviation. */
  energy: number;
  /** Bars, or stretches of two seconds. */
  units: number;
};

/** A chorus stands out of the other parts that return by this much (`energy`); else nobody can tell. */
const STANDS_OUT = 0.3;

/**
 * Names for the sections of a song, null where it can't be told. The chorus is what returns and is fullest,
 * the verse what returns before it. Without a chorus that stands out nothing has a name: what is called
 * intro or bridge follows from it.
 */
export function nameSections(sections: readonly HeardSection[]): (SectionName | null)[] {
  const unnamed = sections.map(() => null);
  const groups = [...new Set(sections.map(({ group }) => group))];
  const placesOf = (group: number) =>
    sections.flatMap((section, at) => (section.group === group ? [at] : []));
  const returning = groups.filter((group) => placesOf(group).length > 1);
  const chorus = chorusOf(sections, returning);
  if (chorus === null) return unnamed;
  const choruses = placesOf(chorus);
  const [firstChorus, lastChorus] = [choruses[0] ?? 0, choruses.at(-1) ?? 0];
  const others = returning.filter((group) => group !== chorus);
  const isBefore = (group: number, next: (at: number) => boolean) =>
    placesOf(group).every((at) => next(at + 1));
  // Heard only just before the chorus, with another part that returns before it.
  const preChorus =
    others.find(
      (group) =>
        isBefore(group, (at) => sections[at]?.group === chorus) &&
        placesOf(group).every(
          (at) => others.includes(sections[at - 1]?.group ?? -1) && sections[at - 1]?.group !== group,
        ),
    ) ?? null;
  const verse =
    others
      .filter((group) => group !== preChorus && !isFrame(placesOf(group), sections.length))
      .map((group) => ({ group, first: placesOf(group)[0] ?? 0, count: placesOf(group).length }))
      .sort((a, b) => b.count - a.count || a.first - b.first)[0]?.group ?? null;
  const last = sections.length - 1;
  const middles = sections.flatMap(({ group }, at) =>
    placesOf(group).length === 1 && at > firstChorus && at < lastChorus ? [at] : [],
  );
  // One part between choruses that comes only once, after the second of them or the second verse.
  const bridge = middles.length === 1 ? middles[0] : undefined;
  return sections.map(({ group }, at) => {
    if (group === chorus) return 'chorus';
    if (group === verse) return 'verse';
    if (group === preChorus) return 'prechorus';
    if (at === 0) return 'intro';
    if (at === last && at > lastChorus) return 'outro';
    if (at === bridge) return 'bridge';
    return null;
  });
}

/** Heard at the beginning and at the end only. */
const isFrame = (places: readonly number[], count: number) =>
  places.length === 2 && places[0] === 0 && places[1] === count - 1;

function chorusOf(sections: readonly HeardSection[], returning: readonly number[]): number | null {
  const energyOf = (group: number) => {
    const own = sections.filter((section) => section.group === group);
    const units = own.reduce((sum, section) => sum + section.units, 0);
    return own.reduce((sum, section) => sum + section.energy * section.units, 0) / units;
  };
  const ranked = returning
    .map((group) => ({ group, energy: energyOf(group) }))
    .sort((a, b) => b.energy - a.energy);
  const [first, second] = ranked;
  if (first === undefined) return null;
  // One part alone returns: it must stand out of the song as a whole.
  const against = second?.energy ?? 0;
  return first.energy - against >= STANDS_OUT && sections.some(({ group }) => group !== first.group)
    ? first.group
    : null;
}
