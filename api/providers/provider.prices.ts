import * as v from 'valibot';
import type { ProviderName } from '../contract/provider.schema';
import type { ProviderDefinition } from './provider.define';

const PriceListSchema = v.object({
  asOf: v.pipe(v.string(), v.isoDate()),
  models: v.record(
    v.string(),
    v.object({
      unit: v.picklist(['second', 'image']),
      usd: v.pipe(v.number(), v.minValue(0)),
      approximate: v.optional(v.boolean(), false),
      typicalSeconds: v.tuple([v.number(), v.number()]),
    }),
  ),
});

/** What a job costs, in US dollars; `usd` is null when the list has no price of the model. */
export type PriceEstimate = {
  usd: number | null;
  unit: 'free' | 'second' | 'image';
  unitUsd: number | null;
  /** Day of the price list, ISO 8601. */
  asOf: string;
  approximate: boolean;
  typicalSeconds: { from: number; to: number } | null;
};

/** Money is kept with six decimals, as the database has it. */
const MICRO = 1_000_000;

export type EstimatePrice = (job: {
  provider: ProviderName;
  model: string;
  /** Seconds of output that are paid for; no matter for images. */
  seconds: number | null;
}) => PriceEstimate;

type PriceList = v.InferOutput<typeof PriceListSchema>;

/** Reads the price lists of the providers once. @throws ValiError when one is damaged */
export function createPrices(
  providers: readonly Pick<ProviderDefinition, 'name' | 'prices'>[],
): EstimatePrice {
  const lists = new Map<string, PriceList>();
  for (const { name, prices } of providers) {
    if (prices !== null) lists.set(name, v.parse(PriceListSchema, prices));
  }
  const newest =
    [...lists.values()]
      .map(({ asOf }) => asOf)
      .toSorted()
      .at(-1) ?? '';
  return ({ provider, model, seconds }) => {
    const list = lists.get(provider);
    if (list === undefined) {
      // Free, as long as the others cost what they do.
      return { usd: 0, unit: 'free', unitUsd: 0, asOf: newest, approximate: false, typicalSeconds: null };
    }
    const { asOf } = list;
    const price = list.models[model];
    if (price === undefined) {
      const unit = seconds === null ? 'image' : 'second';
      return { usd: null, unit, unitUsd: null, asOf, approximate: true, typicalSeconds: null };
    }
    const units = price.unit === 'image' ? 1 : (seconds ?? 0);
    const [from, to] = price.typicalSeconds;
    return {
      usd: Math.round(units * price.usd * MICRO) / MICRO,
      unit: price.unit,
      unitUsd: price.usd,
      asOf,
      approximate: price.approximate,
      typicalSeconds: { from, to },
    };
  };
}
