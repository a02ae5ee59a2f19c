import { createHash, randomUUID } from 'node:crypto';
import { json, type Received, type Reply } from '../http/double.server';
import { downloadInputs } from '../http/inputs';
import * as errors from './sync.errors';
import { type Entry, isFinal } from './sync.lifecycle';
import { type CreateBody, readCreate } from './sync.request';
import type { Asked, Create, CreateFault, Generation, GenerationScript } from './sync.types';

export type RouteParts = {
  entries: Map<string, Entry>;
  clock: () => Date;
  createLimit: number;
  concurrency: number;
  conflictStatus: 409 | 422;
  download: boolean;
  /** Where the bytes of an asset are; null for ids that are none. */
  assetUrl(id: string): string | null;
  takeScript(asked: Asked): GenerationScript;
  takeCreateFault(): CreateFault | undefined;
  accept(entry: Entry): void;
  step(entry: Entry): Promise<boolean>;
};

/** The vendor's rule for keys. */
const KEY = /^[A-Za-z0-9._~-]{1,128}$/;

/** The generation as it is sent: the error code under the name that the script asks for. */
export function shown({ generation, script }: Entry): object {
  if (script.errorCodeAs !== 'errorCode') return generation;
  const { error_code, ...rest } = generation;
  return { ...rest, errorCode: error_code };
}

/** The calls about generations. */
export function createRoutes(of: RouteParts) {
  const keys = new Map<string, { digest: string; entry: Entry }>();
  let createCalls = 0;

  function newEntry(
    request: Received,
    body: CreateBody,
    script: GenerationScript,
    key: string | null,
  ): Entry {
    const { model, input, options } = body;
    const id = randomUUID();
    const at = of.clock();
    const generation: Generation = {
      id,
      createdAt: at.toISOString(),
      status: 'PENDING',
      model,
      input,
      options,
      webhookUrl: body.webhookUrl ?? null,
      outputUrl: null,
      outputMediaUrl: null,
      outputDuration: null,
      error: null,
      error_code: null,
    };
    const create: Create = {
      id,
      model,
      input,
      options,
      idempotencyKey: key,
      replays: 0,
      at,
      multipart: body.multipart,
      webhook: generation.webhookUrl,
      authorized: request.headers['x-api-key'] !== undefined,
      get charged() {
        return script.charged ?? generation.status !== 'REJECTED';
      },
    };
    const { promise: ended, resolve: markEnded } = Promise.withResolvers<void>();
    const inputs = of.download ? fetchInputs(body) : Promise.resolve(body.files);
    // Its failure fails the generation, which may end without ever asking for its inputs.
    inputs.catch(() => undefined);
    return {
      generation,
      script,
      create,
      inputs,
      ended,
      markEnded,
      steps: 0,
      output: null,
      freshUrls: 0,
    };
  }

  async function fetchInputs({ input, files }: CreateBody): Promise<Record<string, Uint8Array>> {
    const urls: Record<string, string> = {};
    for (const { type, url, assetId } of input) {
      const found = url ?? (assetId === undefined ? null : of.assetUrl(assetId));
      if (found === null) throw new Error(`there is no asset ${assetId}`);
      urls[type] ??= found;
    }
    return { ...(await downloadInputs(urls, () => null)), ...files };
  }

  const digestOf = (body: CreateBody) => {
    const { files, ...rest } = body;
    const hash = createHash('sha256').update(JSON.stringify(rest));
    for (const [name, bytes] of Object.entries(files)) hash.update(name).update(bytes);
    return hash.digest('hex');
  };

  function replay(known: { digest: string; entry: Entry }, digest: string): Reply {
    if (known.digest !== digest) {
      return errors.problem(of.conflictStatus, {
        message: 'The Idempotency-Key was used with another payload.',
        errorCode: 'IDEMPOTENCY_KEY_CONFLICT',
      });
    }
    known.entry.create.replays += 1;
    return json(201, shown(known.entry));
  }

  function answerAccepted(entry: Entry, fault: CreateFault | undefined): Reply {
    switch (fault?.kind) {
      case 'reset-after':
        return 'reset';
      case 'stall':
        return 'stall';
      case 'bad-gateway-after':
        return errors.problem(502);
      case 'outcome-unknown':
        return errors.outcomeUnknown(fault.tellId ? entry.generation.id : undefined);
      default:
        return json(201, shown(entry));
    }
  }

  async function create(request: Received): Promise<Reply> {
    createCalls += 1;
    if (createCalls > of.createLimit) return errors.rateLimited();
    const general = of.takeCreateFault();
    if (general?.kind === 'reset-before') return 'reset';
    const refused = general === undefined ? null : errors.refusal(general);
    if (refused !== null) return refused;
    const key = request.headers['idempotency-key'] ?? null;
    if (key !== null && !KEY.test(key)) return errors.invalidKey();
    const body = await readCreate(request);
    if ('messages' in body) return errors.problem(400, { message: body.messages });
    const digest = digestOf(body);
    const known = key === null ? undefined : keys.get(key);
    if (known !== undefined) {
      if (general === undefined) return replay(known, digest);
      known.entry.create.replays += 1;
      return answerAccepted(known.entry, general);
    }
    const running = [...of.entries.values()].filter(({ generation }) => !isFinal(generation.status));
    if (running.length >= of.concurrency) return errors.concurrencyLimited();
    const { model, input, options } = body;
    const script = of.takeScript({ model, input, options });
    const fault = general ?? script.createFault;
    if (fault?.kind === 'reset-before') return 'reset';
    const own = fault === undefined ? null : errors.refusal(fault);
    if (own !== null) return own;
    const entry = newEntry(request, body, script, key);
    if (key !== null) keys.set(key, { digest, entry });
    of.accept(entry);
    return answerAccepted(entry, fault);
  }

  async function get(request: Received, id: string): Promise<Reply> {
    const entry = of.entries.get(id);
    if (entry === undefined) return errors.problem(404);
    const fault = entry.script.pollFaults?.shift();
    if (fault?.kind === 'reset') return 'reset';
    if (fault?.kind === 'status') return errors.problem(fault.status);
    const wait = request.query.get('wait') === 'true';
    const withProgress = request.query.get('include') === 'progress';
    if (wait && withProgress) return errors.problem(400, { message: 'include=progress excludes wait.' });
    const seconds = Number(request.query.get('timeout') ?? '10');
    if (wait && !(seconds >= 1 && seconds <= 10)) {
      return errors.problem(400, { message: ['timeout must be between 1 and 10'] });
    }
    const hold = entry.script.hold ?? 'finish';
    if (wait && hold === 'until-ended') await entry.ended;
    else if (wait && hold === 'finish') {
      while ((await of.step(entry)) && !isFinal(entry.generation.status));
    } else if (!wait && entry.script.by !== 'advance') await of.step(entry);
    if (!withProgress) return json(200, shown(entry));
    const total = entry.script.statuses?.length ?? 2;
    return json(200, { ...shown(entry), progress: Math.min(1, entry.steps / total) });
  }

  function list(request: Received): Reply {
    const asked = (name: string): string[] | null => {
      const given = request.query.get(name);
      if (given === null) return null;
      return given.replace(/[[\]"]/g, '').split(',');
    };
    const [statuses, ids] = [asked('status'), asked('ids')];
    const found = [...of.entries.values()].filter(
      ({ generation }) =>
        (statuses?.includes(generation.status) ?? true) && (ids?.includes(generation.id) ?? true),
    );
    return json(200, found.toReversed().map(shown));
  }

  return { create, get, list };
}
