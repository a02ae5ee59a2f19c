import { randomBytes } from 'node:crypto';
import type { Received } from '../http/double.server';
import { downloadInputs } from '../http/inputs';
import { type Entry, isCharged } from './replicate.lifecycle';
import { fieldsOf } from './replicate.schemas';
import type { Create, Prediction, PredictionScript } from './replicate.types';

const LETTERS = 'bcdfghjklmnpqrstvwxz0123456789';
export const newRemoteId = () =>
  Array.from(randomBytes(26), (byte) => LETTERS.charAt(byte % LETTERS.length)).join('');

const UNIT_SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600 };
/** The vendor takes no shorter one. */
export const SHORTEST_CANCEL_AFTER_SECONDS = 5;

/** Seconds of `30s`, `5m`, `1h` or `30`; NaN when it is none of these. */
export function cancelAfterSeconds(header: string): number {
  const [, count, unit = 's'] = /^(\d+)([smh])?$/.exec(header) ?? [];
  return count === undefined ? Number.NaN : Number(count) * (UNIT_SECONDS[unit] ?? 1);
}

/** A new prediction with its line in the ledger, from a create call that was found good. */
export function newEntry(of: {
  request: Received;
  body: Record<string, unknown>;
  model: string;
  version: string;
  input: Record<string, unknown>;
  script: PredictionScript;
  now: Date;
  api: string;
  /** Bytes of the account's own file that a URL names; null for other URLs. */
  ownFile: (url: string) => Uint8Array | null;
  download: boolean;
}): Entry {
  const { request, body, input, model, now, script } = of;
  const id = newRemoteId();
  const cancelAfter = request.headers['cancel-after'] ?? null;
  const events = body['webhook_events_filter'];
  const prediction: Prediction = {
    id,
    model,
    version: of.version,
    input,
    output: null,
    logs: '',
    error: null,
    status: 'starting',
    source: 'api',
    data_removed: false,
    created_at: now.toISOString(),
    started_at: null,
    completed_at: null,
    deadline:
      cancelAfter === null
        ? null
        : new Date(now.getTime() + cancelAfterSeconds(cancelAfter) * 1000).toISOString(),
    metrics: {},
    urls: {
      web: `https://replicate.com/p/${id}`,
      get: `${of.api}/predictions/${id}`,
      cancel: `${of.api}/predictions/${id}/cancel`,
    },
  };
  const known = fieldsOf(model);
  const create: Create = {
    id,
    model,
    input,
    unknownFields: known === null ? [] : Object.keys(input).filter((name) => !known.includes(name)),
    idempotencyKey: request.headers['idempotency-key'] ?? null,
    cancelAfter,
    webhook: typeof body['webhook'] === 'string' ? body['webhook'] : null,
    webhookEvents: Array.isArray(events) ? events.map(String) : [],
    at: now,
    authorized: request.headers['authorization'] !== undefined,
    get charged() {
      return script.charged ?? isCharged(prediction);
    },
  };
  const inputs = of.download ? downloadInputs(input, of.ownFile) : Promise.resolve({});
  // Its failure fails the prediction, which may end without ever asking for its inputs.
  inputs.catch(() => undefined);
  const { promise: ended, resolve: markEnded } = Promise.withResolvers<void>();
  return { prediction, script, create, steps: 0, output: null, downloads: 0, inputs, ended, markEnded };
}
