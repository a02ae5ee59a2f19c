import type { Transaction } from '../../db/connect';
import type { Job } from '../contract/job.schema';
import { providerLabels } from '../contract/provider.names';
import {
  type Estimate,
  type ProviderChoice,
  type ProviderFacts,
  type ProviderKind,
  type ProviderName,
  type Providers,
  providerKinds,
} from '../contract/provider.schema';
import type { ProviderDefinition, ProviderOf } from '../providers/provider.define';
import type { Registries } from '../providers/provider.list';
import type { EstimatePrice } from '../providers/provider.prices';
import type { Providers as Registry } from '../providers/provider.registry';
import type { ProviderDescription } from '../providers/provider.types';
import type { ProviderCallUsecases } from './provider-calls.usecases';

export type ProviderUsecases = ReturnType<typeof createProviderUsecases>;

/** Who makes what: the choice of a request, what it would cost, and the provider of a job. */
export function createProviderUsecases(deps: {
  registries: Registries;
  /** Who does it when a request names nobody. */
  defaults: Record<ProviderKind, ProviderName>;
  estimate: EstimatePrice;
  /** What is known of each provider, whether it is switched on or not. */
  known: readonly Pick<ProviderDefinition, 'name' | 'prices' | 'typicalSeconds'>[];
  calls: Pick<ProviderCallUsecases, 'checkBudget' | 'fitsBudget'>;
}) {
  const { registries, defaults, estimate, calls } = deps;
  const known = new Map<string, (typeof deps.known)[number]>(deps.known.map((one) => [one.name, one]));
  const isPaid = (name: ProviderName) => known.get(name)?.prices !== null;

  function priceOf(kind: ProviderKind, provider: ProviderDescription, seconds: number | null) {
    const { name, model } = provider;
    const price = estimate({ provider: name, model, seconds });
    const typical = known.get(name)?.typicalSeconds?.(kind, seconds) ?? null;
    return { ...price, typicalSeconds: price.typicalSeconds ?? typical };
  }

  function factsOf(kind: ProviderKind, provider: ProviderDescription): ProviderFacts {
    const { name, model } = provider;
    // Of one second, or one image: only what does not depend on the length is shown.
    const { unit, unitUsd, asOf, approximate } = priceOf(kind, provider, kind === 'image' ? null : 1);
    const { typicalSeconds } = estimate({ provider: name, model, seconds: 1 });
    return {
      name,
      label: providerLabels[name],
      model,
      options: [...provider.options],
      isDefault: provider === defaultOf(kind),
      paid: isPaid(name),
      unit,
      unitUsd,
      asOf,
      approximate,
      typicalSeconds,
    };
  }

  /** Null when the default is not switched on: a request then has to name one. */
  function defaultOf(kind: ProviderKind): ProviderDescription | null {
    const registry: Registry<ProviderDescription> = registries[kind];
    return registry.names.includes(defaults[kind]) ? registry.get(defaults[kind]) : null;
  }

  return {
    /** The models that can be chosen. */
    list(): Providers {
      const facts = (kind: ProviderKind) => {
        const registry: Registry<ProviderDescription> = registries[kind];
        return registry.list().map((provider) => factsOf(kind, provider));
      };
      return { lipsync: facts('lipsync'), image: facts('image'), video: facts('video') };
    },

    /** Who does each kind of work when a request names nobody; kinds that nobody does are left out. */
    defaults: () =>
      providerKinds.flatMap((kind) => {
        const provider = defaultOf(kind);
        return provider === null ? [] : [{ kind, name: provider.name, paid: isPaid(provider.name) }];
      }),

    /**
     * The provider that a request chose.
     * @throws AppError 400 `ProviderNotEnabled`, `ModelNotOffered`
     */
    choose<Kind extends ProviderKind>(kind: Kind, choice: ProviderChoice): ProviderOf[Kind] {
      return registries[kind].get(choice.provider ?? defaults[kind], choice.model);
    },

    /** The provider that a job was given when it was asked for. @throws AppError 400 `ProviderNotEnabled` */
    ofJob<Kind extends ProviderKind>(kind: Kind, job: Pick<Job, 'provider' | 'model'>): ProviderOf[Kind] {
      const name = job.provider ?? defaults[kind];
      return job.model === null ? registries[kind].get(name) : registries[kind].make(name, job.model);
    },

    /** What a job would cost and how long it would take. `asked`: the names of the options that were set. */
    async estimate(of: {
      kind: ProviderKind;
      provider: ProviderDescription;
      /** Of output; null for images. */
      seconds: number | null;
      asked: readonly string[];
      projectId: string | null;
    }): Promise<Estimate> {
      const { kind, provider, seconds, projectId } = of;
      const price = priceOf(kind, provider, seconds);
      return {
        kind,
        provider: provider.name,
        model: provider.model,
        seconds,
        ...price,
        ignoredOptions: of.asked.filter((name) => !provider.options.includes(name)),
        fitsBudget: projectId === null ? null : await calls.fitsBudget(projectId, price.usd),
      };
    },

    /**
     * Refuses, with the project's row locked, what would pass its budget: nothing is started.
     * @throws AppError 409 `BudgetExceeded`, `PriceUnknown`
     */
    async checkBudget(
      tx: Transaction,
      projectId: string,
      provider: ProviderDescription,
      seconds: number | null,
    ): Promise<void> {
      const { usd } = estimate({ provider: provider.name, model: provider.model, seconds });
      await calls.checkBudget(tx, projectId, usd);
    },
  };
}
