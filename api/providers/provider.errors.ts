import { providerLabels } from '../contract/provider.names';
import type { Charged, ProviderName } from '../contract/provider.schema';
import { AppError } from '../shared/errors';
import { cutText } from '../shared/text';

const chargedTexts: Record<Charged, string> = {
  no: 'Nothing was charged.',
  yes: 'It was charged.',
  unknown: 'It may have been charged.',
};

/** Machine-readable part of every error of a provider. */
export type ProviderErrorDetails = {
  provider: ProviderName;
  charged: Charged;
  remoteId?: string;
  /** What exactly it was, in the vendor's words or ours; no secrets. */
  reason: string;
};

/**
 * An error of a provider. Its message says what happened, whether it was charged, and what to do.
 * `status` is never the vendor's own: 502, 503 when it can't be reached or is busy, 504 when it took
 * too long, 422 for what was found before anything was sent.
 */
export function providerError(options: {
  code: string;
  provider: ProviderName;
  /** A whole sentence. */
  what: string;
  charged: Charged;
  /** A whole sentence. */
  advice: string;
  reason: string;
  remoteId?: string | undefined;
  status?: 422 | 502 | 503 | 504;
  retryable?: boolean;
}): AppError {
  const { code, provider, what, charged, advice, reason, remoteId } = options;
  const details: ProviderErrorDetails = {
    provider,
    charged,
    ...(remoteId === undefined ? {} : { remoteId }),
    reason,
  };
  return new AppError({
    code,
    status: options.status ?? 502,
    message: `${what} ${chargedTexts[charged]} ${advice}`,
    details,
    retryable: options.retryable ?? false,
  });
}

/** Something that can't be asked of a model; found before anything was sent or paid. */
export const unfitRequest = (provider: ProviderName, what: string, advice: string) =>
  providerError({
    code: 'ProviderCannotDoThis',
    provider,
    what,
    charged: 'no',
    advice,
    reason: what,
    status: 422,
  });

/** @throws AppError 400: the provider is not one that is switched on */
export const providerNotEnabled = (kind: string, name: string, names: readonly string[]) =>
  new AppError({
    code: 'ProviderNotEnabled',
    status: 400,
    message: `"${name}" is not switched on for ${kind}. Use ${names.join(' or ')}, or give the studio its token.`,
    details: { names },
  });

/** @throws AppError 400: the provider doesn't offer that model here */
export const modelNotOffered = (provider: ProviderName, model: string, models: readonly string[]) =>
  new AppError({
    code: 'ModelNotOffered',
    status: 400,
    message: `"${cutText(model, 200)}" is not a model of ${providerLabels[provider]} that can be chosen here. Use ${models.join(' or ')}; another one can be the studio's default by its setting.`,
    details: { models },
  });
