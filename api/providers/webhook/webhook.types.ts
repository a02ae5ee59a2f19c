/** Why a webhook's signature is refused. */
export type SignatureProblem = 'missing' | 'malformed' | 'too-old' | 'too-new' | 'wrong';

export type WebhookMessage = { body: string; header(name: string): string | undefined };

/** A genuine message, with the name under which it is told from its repetitions; or why it is refused. */
export type WebhookVerdict = { deliveryId: string } | { problem: SignatureProblem };

/** Checks that a vendor sent it. @throws AppError when that can't be told now: the vendor sends it again */
export type VerifyWebhook = (message: WebhookMessage, now: Date) => Promise<WebhookVerdict>;
