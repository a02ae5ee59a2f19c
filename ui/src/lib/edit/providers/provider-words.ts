import type { Estimate, ProviderFacts, ProviderKind } from '#contract/provider.schema';
import { dollars, roughRange, roughTime } from '#lib/format/time.ts';
import type { Catalogue } from '#lib/text/en.ts';

type Words = Catalogue['provider'];

/** Who it is, in the page's language. What this computer makes by itself is called what it is. */
export const providerName = (
  facts: Pick<ProviderFacts, 'name' | 'label'>,
  kind: ProviderKind,
  t: Catalogue,
): string => (facts.name === 'local' ? t.provider.local[kind] : facts.label);

/** What a provider's model asks for: "free", "$0.05 a second". */
export function priceOf(
  facts: Pick<ProviderFacts, 'unit' | 'unitUsd'>,
  words: Words,
  language: string,
): string {
  if (facts.unit === 'free') return words.free;
  if (facts.unitUsd === null) return words.priceUnknown;
  const price = dollars(facts.unitUsd, language);
  return facts.unit === 'second' ? words.perSecond(price) : words.perImage(price);
}

/** What a piece of work will cost. */
export function costOf(
  estimate: Pick<Estimate, 'unit' | 'usd' | 'approximate'>,
  words: Words,
  language: string,
): string {
  if (estimate.unit === 'free') return words.costsNothing;
  if (estimate.usd === null) return words.costUnknown;
  const price = dollars(estimate.usd, language);
  return estimate.approximate ? words.costsAbout(price) : words.costs(price);
}

/** How long it usually takes; null when nobody knows. */
export function durationOf(
  typical: Estimate['typicalSeconds'],
  words: Words,
  language: string,
): string | null {
  if (typical === null) return null;
  const range = roughRange(typical.from, typical.to, language);
  return range === null ? words.takesUpTo(roughTime(typical.to, language)) : words.takes(range);
}

/**
 * How long several jobs take together: at least as long as the longest (side by side), at most as long
 * as all of them (one after another). Null when it is not known of one.
 */
export function batchSeconds(each: readonly Estimate['typicalSeconds'][]): Estimate['typicalSeconds'] {
  let all: Estimate['typicalSeconds'] = null;
  for (const one of each) {
    if (one === null) return null;
    all = all === null ? one : { from: Math.max(all.from, one.from), to: all.to + one.to };
  }
  return all;
}
