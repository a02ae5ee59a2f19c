/** The list with the item at `from` moved so that it is at `to` (both 0-based, clamped to the list). */
export function moved<Item>(items: readonly Item[], from: number, to: number): Item[] {
  const rest = items.filter((_, at) => at !== from);
  const item = items[from];
  if (item === undefined) return [...items];
  rest.splice(Math.max(0, Math.min(to, rest.length)), 0, item);
  return rest;
}

/** The list with some of its items moved to a cut of it: 0 is before the first, its length after the last. */
export function movedTogether<Item>(items: readonly Item[], chosen: ReadonlySet<Item>, cut: number): Item[] {
  const stay = (item: Item) => !chosen.has(item);
  return [
    ...items.slice(0, cut).filter(stay),
    ...items.filter((item) => chosen.has(item)),
    ...items.slice(cut).filter(stay),
  ];
}

/** The cut nearest to a place in a list whose items have these middles, from the first on. */
export function cutUnder(middles: readonly number[], place: number): number {
  return middles.filter((middle) => middle < place).length;
}
