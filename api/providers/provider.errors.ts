import type * as v from 'valibot';
import type {
  ChargedOf,
  ProviderErrorCode,
  ProviderErrorDetailsSchema,
  StatedBy,
} from '../contract/error.catalogue';
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
export type ProviderErrorDetails = v.InferOutput<typeof ProviderErrorDetailsSchema>;

/**
 * An error of a provider. Its message says what happened, whether it was charged, and what to do; the
 * catalogue says with which codes money can be gone. Its status is never the vendor's own: 502, 503 when it
 * can't be reached or is busy, 504 when it took too long, 422 for what was found before anything was sent.
 */
export function providerError<Code extends ProviderErrorCode>(
  options: {
    code: Code;
    provider: ProviderName;
    /** A whole sentence. */
    what: string;
    charged: ChargedOf<Code>;
    /** A whole sentence. */
    advice: string;
    reason: string;
    remoteId?: string | undefined;
  } & StatedBy<Code>,
): AppError {
  const { provider, what, advice, reason, remoteId } = options;
  const code: ProviderErrorCode = options.code;
  const charged: Charged = options.charged;
  const details: ProviderErrorDetails = {
    provider,
    charged,
    ...(remoteId === undefined ? {} : { remoteId }),
    reason,
  };
  const told = { message: `${what} ${chargedTexts[charged]} ${advice}`, details };
  switch (code) {
    case 'CallStillOpen':
      return new AppError({ code, status: 502, ...told });
    case 'ProviderTimeout':
      return new AppError({ code, retryable: 'retryable' in options && options.retryable === true, ...told });
    default:
      return new AppError({ code, ...told });
  }
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
  });

/** @throws AppError 400: the provider is not one that is switched on */
export const providerNotEnabled = (kind: string, name: string, names: readonly string[]) =>
  new AppError({
    code: 'ProviderNotEnabled',
    message: `"${name}" is not switched on for ${kind}. Use ${names.join(' or ')}, or give the studio its token.`,
    details: { names },
  });

/** @throws AppError 400: the provider doesn't offer that model here */
export const modelNotOffered = (provider: ProviderName, model: string, models: readonly string[]) =>
  new AppError({
    code: 'ModelNotOffered',
    message: `"${cutText(model, 200)}" is not a model of ${providerLabels[provider]} that can be chosen here. Use ${models.join(' or ')}; another one can be the studio's default by its setting.`,
    details: { models },
  });
