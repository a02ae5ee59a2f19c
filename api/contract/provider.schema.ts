import * as v from 'valibot';

export const providerKinds = ['lipsync', 'image', 'video'] as const;
export type ProviderKind = (typeof providerKinds)[number];

export const providerNames = ['local', 'replicate', 'sync'] as const;
export type ProviderName = (typeof providerNames)[number];

/**
 * Whether money is gone for a call: `no` (refused, or ended before it ran), `yes`, or `unknown` when
 * the provider's answer never came.
 */
export const chargedStates = ['no', 'yes', 'unknown'] as const;
export type Charged = (typeof chargedStates)[number];

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
  typicalSeconds: v.nullable(v.object({ from: v.number(), to: v.number() })),
  /** Options that were asked for and that this provider has no means to honour. */
  ignoredOptions: v.array(v.string()),
});
export type Estimate = v.InferOutput<typeof EstimateSchema>;

/** What a batch would cost: each scene's own estimate and their sum (null when any price is unknown). */
export const BatchEstimateSchema = v.object({
  scenes: v.array(v.object({ sequence: v.number(), estimate: EstimateSchema })),
  totalUsd: v.nullable(v.number()),
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

export const ProviderFactsSchema = v.object({
  name: v.picklist(providerNames),
  model: v.string(),
  /** The one that is used when a request names none. */
  isDefault: v.boolean(),
  /** Options of its kind that it honours; the others are ignored and named in the result. */
  options: v.array(v.string()),
  unit: v.picklist(['free', 'second', 'image']),
  unitUsd: v.nullable(v.number()),
  asOf: v.string(),
  typicalSeconds: v.nullable(v.object({ from: v.number(), to: v.number() })),
});
export type ProviderFacts = v.InferOutput<typeof ProviderFactsSchema>;

/** The providers that are switched on, by kind. */
export const ProvidersSchema = v.object({
  lipsync: v.array(ProviderFactsSchema),
  image: v.array(ProviderFactsSchema),
  video: v.array(ProviderFactsSchema),
});
export type Providers = v.InferOutput<typeof ProvidersSchema>;
