import { expect, test } from 'bun:test';
import * as v from 'valibot';
import type { ProviderKind } from '../../contract/provider.schema';
import type { SettingEntries, SettingValues, SwitchedOn } from '../provider.define';
import { providers } from '../provider.list';
import type { ProviderContext, ProviderOutcome } from '../provider.types';
import type { ProviderConformance } from './conformance.types';
import { freeConformance } from './free.conformance';
import type { PaidBench } from './paid.bench';
import { type PaidSubject, paidConformance } from './paid.conformance';

/** The settings of a provider in this environment. */
export const settingsOf = (
  entries: SettingEntries,
  environment: Record<string, string>,
): SettingValues<SettingEntries> =>
  Object.fromEntries(
    Object.entries(entries).map(([name, { schema }]) => [name, v.parse(schema, environment[name])]),
  );

/** Runs the suites of one kind over all providers that make it. */
export async function kindConformance(of: {
  kind: ProviderKind;
  /** What is made, in titles. */
  title: string;
  /** Runs the provider of this model once. */
  run(
    offers: SwitchedOn['offers'],
    model: string,
    job: { bench: PaidBench; jobId: string; outputPath: string },
    context: ProviderContext,
  ): Promise<ProviderOutcome> | undefined;
  output: PaidSubject['output'];
}): Promise<void> {
  for (const { name, label, kinds, settings, switchOn } of providers) {
    if (!kinds.includes(of.kind)) continue;
    const { conformance }: { conformance: ProviderConformance } = await import(`../${name}/test/conformance`);
    if (!conformance.paid) {
      const subject = conformance.subjects[of.kind];
      test(`${of.title} by ${label} have a suite`, () => expect(subject).toBeDefined());
      if (subject !== undefined) freeConformance(subject);
      continue;
    }
    const models = conformance.models[of.kind] ?? [];
    test(`${of.title} by ${label} have a suite`, () => expect(models).not.toEqual([]));
    for (const model of models) {
      paidConformance({
        title: `${of.title} by ${label}: ${model}`,
        provider: name,
        traits: conformance.traits,
        start: conformance.start,
        output: of.output,
        async run(vendor, { bench, settings: paid, ...job }, context) {
          const tools = { fetch, paid, encoding: { ffmpegPath: '', videoEncodeArguments: () => [] } };
          const on = switchOn(settingsOf(settings, vendor.environment), tools);
          const outcome = on && of.run(on.offers, model, { bench, ...job }, context);
          if (outcome === null || outcome === undefined) throw new Error(`${label} is not switched on.`);
          return outcome;
        },
      });
    }
  }
}
