import * as v from 'valibot';
import { ErrorSchema } from './error.schema';
import { providerNames } from './provider.names';

export const providerKinds = ['lipsync', 'image', 'video'] as const;
export type ProviderKind = (typeof providerKinds)[number];

export type ProviderName = (typeof providerNames)[number];

/**
 * Whether money is gone for a call: `no` (refused, or ended before it ran), `yes`, or `unknown` when
 * the provider's answer never came.
 */
export const chargedStates = ['no', 'yes', 'unknown'] as const;
export type Charged = (typeof chargedStates)[number];

/** Who is to do it; left out: the studio's default, or the provider's own default model. */
export const providerChoice = {
  provider: v.optional(
    v.picklist(providerNames, `provider must be one of ${providerNames.join(', ')}: GET /api/mv/providers.`),
  ),
  model: v.optional(
    v.pipe(
      v.string('model must be text.'),
      v.minLength(1),
      v.maxLength(200, 'model has at most 200 characters.'),
    ),
  ),
};
const ProviderChoiceSchema = v.object(providerChoice);
export type ProviderChoice = v.InferOutput<typeof ProviderChoiceSchema>;

const SecondsRangeSchema = v.nullable(v.object({ from: v.number(), to: v.number() }));

export const EstimateSchema = v.object({
  kind: v.picklist(providerKinds),
  provider: v.picklist(providerNames),
  model: v.string(),
  /** Seconds of output that are paid for; null for images. */
  seconds: v.nullable(v.number()),
  /** What the job will cost, in US dollars; null when no price of the model is known. */
  usd: v.nullable(v.number()),
  /** What is paid for. */
  unit: v.picklist(['free', 'second', 'image']),
  unitUsd: v.nullable(v.number()),
  /** Day the price was looked up, ISO 8601. */
  asOf: v.string(),
  /** True when the price is a range's upper end or was not read from the vendor's own list. */
  approximate: v.boolean(),
  /** How long such a job usually takes, in seconds; null when not known. */
  typicalSeconds: SecondsRangeSchema,
  /** Options that were asked for and that this provider has no means to honour. */
  ignoredOptions: v.array(v.string()),
  /** Whether the project's budget lets it begin; null: it has none. */
  fitsBudget: v.nullable(v.boolean()),
});
export type Estimate = v.InferOutput<typeof EstimateSchema>;

/** What a batch would cost: each scene's own estimate and their sum (null when any price is unknown). */
export const BatchEstimateSchema = v.object({
  scenes: v.array(v.object({ sequence: v.number(), estimate: EstimateSchema })),
  /** Scenes that the batch would pass over, and why. */
  skipped: v.array(v.object({ sequence: v.number(), error: ErrorSchema })),
  totalUsd: v.nullable(v.number()),
  fitsBudget: v.nullable(v.boolean()),
});
export type BatchEstimate = v.InferOutput<typeof BatchEstimateSchema>;

export const callStates = [
  'intended',
  'accepted',
  'refused',
  'unknown',
  'succeeded',
  'failed',
  'canceled',
] as const;
export type CallState = (typeof callStates)[number];

/** One call to a provider that costs money. */
export const LedgerEntrySchema = v.object({
  id: v.string(),
  jobId: v.string(),
  sceneId: v.nullable(v.string()),
  kind: v.picklist(providerKinds),
  provider: v.picklist(providerNames),
  model: v.string(),
  state: v.picklist(callStates),
  remoteId: v.nullable(v.string()),
  charged: v.picklist(chargedStates),
  estimatedUsd: v.nullable(v.number()),
  /** Actual or computed cost, once known. */
  costUsd: v.nullable(v.number()),
  message: v.nullable(v.string()),
  createdAt: v.string(),
  endedAt: v.nullable(v.string()),
});
export type LedgerEntry = v.InferOutput<typeof LedgerEntrySchema>;

export const LedgerSchema = v.object({
  entries: v.array(LedgerEntrySchema),
  /** Known to be spent. */
  spentUsd: v.number(),
  /** Estimates of calls that still run or whose outcome is unknown. */
  openUsd: v.number(),
  budgetUsd: v.nullable(v.number()),
});
export type Ledger = v.InferOutput<typeof LedgerSchema>;

/** A model of a provider that is switched on. */
export const ProviderFactsSchema = v.object({
  name: v.picklist(providerNames),
  /** How it is called in texts. */
  label: v.string(),
  model: v.string(),
  /** The one that is used when a request names none. */
  isDefault: v.boolean(),
  paid: v.boolean(),
  /** Options of its kind that it honours; the others are ignored and named in the result. */
  options: v.array(v.string()),
  unit: v.picklist(['free', 'second', 'image']),
  unitUsd: v.nullable(v.number()),
  asOf: v.string(),
  approximate: v.boolean(),
  typicalSeconds: SecondsRangeSchema,
});
export type ProviderFacts = v.InferOutput<typeof ProviderFactsSchema>;

/** The providers that are switched on, by kind; of each its default model first. */
export const ProvidersSchema = v.object({
  lipsync: v.array(ProviderFactsSchema),
  image: v.array(ProviderFactsSchema),
  video: v.array(ProviderFactsSchema),
});
export type Providers = v.InferOutput<typeof ProvidersSchema>;
