import type * as v from 'valibot';
import { type ProviderKind, providerKinds } from '../contract/provider.schema';
import type { Log } from '../shared/log';
import type { ImageProvider } from './image/image.types';
import type { LipsyncProvider } from './lipsync/lipsync.types';
import type { Fetch } from './paid/api-transport';
import type { PaidSettings } from './paid/paid-run';
import type { RemoteApi } from './paid/remote.types';
import type { Offer } from './provider.registry';
import type { VideoProvider } from './video/video.types';
import type { VerifyWebhook } from './webhook/webhook.types';

/** What makes each kind of media. */
export type ProviderOf = { lipsync: LipsyncProvider; image: ImageProvider; video: VideoProvider };

/** Environment variables that a provider reads: what each means, as the README says it, and its schema. */
export type SettingEntries = Record<string, { doc: string; schema: v.GenericSchema }>;
export type SettingValues<Entries extends SettingEntries> = {
  [Name in keyof Entries]: v.InferOutput<Entries[Name]['schema']>;
};

/** What the studio lends to all providers. */
export type ProviderTools = {
  /** For the vendor's own API; what others host goes through `paid.fetchToFile`. */
  fetch: Fetch;
  paid: PaidSettings;
  /** For providers of this machine. */
  encoding: {
    ffmpegPath: string;
    /** ffmpeg's options for the video encoder of a take in this format. */
    videoEncodeArguments: (format: { width: number; height: number; fps: number }) => string[];
  };
};

/** Whether a vendor takes the account's token. */
export type TokenCheck = { ok: boolean; reason: string };

type Offers = { [Kind in ProviderKind]: Offer<ProviderOf[Kind]> | null };
type At<Account, Entries extends SettingEntries> = {
  account: Account;
  settings: SettingValues<Entries>;
  tools: ProviderTools;
};
type Started = { models: readonly string[]; signal: AbortSignal; log: Log };

/** All that the studio has to know of a vendor, or of this machine: `<vendor>/provider.ts` exports one. */
export type Definition<
  Name extends string,
  Entries extends SettingEntries,
  Account extends { api: RemoteApi | null },
> = {
  /** As requests, takes and the database name it. */
  name: Name;
  /** As texts name it. */
  label: string;
  settings: Entries;
  /** Its `prices.json`; null: its work is free. */
  prices: unknown;
  /** How long its work takes, in seconds, where no price list says. */
  typicalSeconds?(kind: ProviderKind, seconds: number | null): { from: number; to: number };
  /** The account of these settings; null: it is not switched on. `api` null: nothing is paid for. */
  account(settings: SettingValues<Entries>, tools: ProviderTools): Account | null;
  /** What it makes; kinds that it doesn't make are left out. */
  kinds: { [Kind in ProviderKind]?: (at: At<Account, Entries>) => Offer<ProviderOf[Kind]> };
  /** How its webhooks are recognised; null: they are not, with these settings. Left out: it sends none. */
  webhook?(settings: SettingValues<Entries>, tools: Pick<ProviderTools, 'fetch'>): VerifyWebhook | null;
  /** Whether the token is good, where asking costs nothing, and the setting that it stands in. */
  check?: { setting: keyof Entries & string; run(account: Account): Promise<TokenCheck> };
  /** Done once after the start; nobody waits for it. Of `models`, all that can be chosen. */
  started?: (account: Account, of: Started) => Promise<void>;
};

/** A provider whose account is there. */
export type SwitchedOn = {
  offers: Offers;
  /** Null: nothing is paid for. */
  api: RemoteApi | null;
  check: { setting: string; run(): Promise<TokenCheck> } | null;
  started: ((of: Started) => Promise<void>) | null;
};

/** A provider as the registries, the settings and the composition root read it. */
export type ProviderDefinition<
  Name extends string = string,
  Entries extends SettingEntries = SettingEntries,
> = Pick<
  Definition<Name, Entries, { api: RemoteApi | null }>,
  'name' | 'label' | 'settings' | 'prices' | 'typicalSeconds' | 'webhook'
> & {
  /** What it makes. */
  kinds: readonly ProviderKind[];
  /** Null: these settings don't switch it on. */
  switchOn(settings: SettingValues<Entries>, tools: ProviderTools): SwitchedOn | null;
};

/** One provider. Adding one: a folder with this in its `provider.ts`, and a line in `index.ts`. */
export function defineProvider<
  Name extends string,
  Entries extends SettingEntries,
  Account extends { api: RemoteApi | null },
>(definition: Definition<Name, Entries, Account>): ProviderDefinition<Name, Entries> {
  const { kinds, check, started, account: accountOf, ...rest } = definition;
  return {
    ...rest,
    kinds: providerKinds.filter((kind) => kinds[kind] !== undefined),
    switchOn(settings, tools) {
      const account = accountOf(settings, tools);
      if (account === null) return null;
      const at = { account, settings, tools };
      return {
        offers: {
          lipsync: kinds.lipsync?.(at) ?? null,
          image: kinds.image?.(at) ?? null,
          video: kinds.video?.(at) ?? null,
        },
        api: account.api,
        check: check ? { setting: check.setting, run: () => check.run(account) } : null,
        started: started ? (of) => started(account, of) : null,
      };
    },
  };
}
