import * as v from 'valibot';
import { AppError } from '../../shared/errors';

const SecretSchema = v.object({ key: v.pipe(v.string(), v.startsWith('whsec_')) });
/** Longer than Replicate takes, shorter than it waits for an answer to its webhook. */
const TIMEOUT_MS = 5000;

/**
 * Reads the secret that an account's webhooks are signed with, once; a failure is not remembered.
 * @throws AppError 503 `ProviderUnreachable`: the sender tries its webhook again
 */
export function createReplicateWebhookSecret(options: {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  baseUrl: string;
  token: string;
}): () => Promise<string> {
  let known: Promise<string> | null = null;
  async function read(): Promise<string> {
    try {
      const response = await options.fetch(`${options.baseUrl}/webhooks/default/secret`, {
        headers: { Authorization: `Bearer ${options.token}` },
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return v.parse(SecretSchema, await response.json()).key;
    } catch (cause) {
      throw new AppError({
        code: 'ProviderUnreachable',
        message: 'The secret of Replicate’s webhooks could not be read, so this one can’t be checked now.',
        cause,
      });
    }
  }
  return () => {
    const secret = known ?? read();
    known = secret;
    secret.catch(() => {
      if (known === secret) known = null;
    });
    return secret;
  };
}
