import type { ProviderContext } from '../provider.types';
import type { ReplicateAccount } from './replicate.account';

/** Shared inputs outlive the deadline: a queue may be as long as that. */
const SPARE_SECONDS = 15 * 60;

/**
 * Puts a local file where Replicate's models can read it: at Replicate itself, or shared from our own
 * storage when it is too large for that.
 */
export async function placeInput(
  of: {
    account: Pick<ReplicateAccount, 'upload'>;
    context: Pick<ProviderContext, 'share' | 'signal'>;
    limitMinutes: number;
  },
  file: { path: string; contentType: string; name: string },
): Promise<string> {
  const uploaded = await of.account.upload(file, of.context.signal);
  return uploaded ?? of.context.share(file, of.limitMinutes * 60 + SPARE_SECONDS);
}
