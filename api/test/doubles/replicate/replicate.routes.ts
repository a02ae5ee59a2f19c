import { json, type Received, type Reply } from '../http/double.server';
import type { FaultRule } from '../http/fault.rules';
import { cancelAfterSeconds, newEntry, SHORTEST_CANCEL_AFTER_SECONDS } from './replicate.create';
import * as errors from './replicate.errors';
import { type Entry, isFinal } from './replicate.lifecycle';
import { communityVersions, inputProblem, modelSchemas } from './replicate.schemas';
import type { Asked, CreateFault, PredictionScript } from './replicate.types';

/** Predictions of one page of the list. */
const PAGE = 100;
/** A vendor's wait when its limit of creates is reached, in seconds. */
const THROTTLE_SECONDS = 5;

export type RouteParts = {
  entries: Map<string, Entry>;
  clock: () => Date;
  api: () => string;
  createLimit: number;
  download: boolean;
  ownFile: (url: string) => Uint8Array | null;
  takeScript(asked: Asked): PredictionScript;
  takeCreateFault(): CreateFault | undefined;
  accept(entry: Entry): void;
  step(entry: Entry): Promise<boolean>;
  enter(entry: Entry, status: string): Promise<void>;
  keepDeadline(entry: Entry): Promise<void>;
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parse(body: Buffer): Record<string, unknown> {
  const parsed: unknown = JSON.parse(body.toString());
  if (!isRecord(parsed)) throw new Error('The body of a create is no object.');
  return parsed;
}

/** The model that a create names by `version`; null when nobody may create it that way. */
function modelOfVersion(version: unknown): { model: string; version: string } | null {
  if (typeof version !== 'string') return null;
  const [, model, hash] = /^([\w.-]+\/[\w.-]+)(?::([0-9a-f]{64}))?$/.exec(version) ?? [];
  if (model !== undefined && modelSchemas[model] !== undefined) {
    if (hash === undefined) return model in communityVersions ? null : { model, version: 'hidden' };
    return { model, version: hash };
  }
  const community = Object.entries(communityVersions).find(([, known]) => known === version);
  return community === undefined ? null : { model: community[0], version: community[1] };
}

/** The calls about predictions. */
export function createRoutes(of: RouteParts) {
  let createCalls = 0;

  async function hold(entry: Entry): Promise<void> {
    const how = entry.script.hold ?? 'finish';
    if (how === 'until-ended') await entry.ended;
    if (how === 'finish') while ((await of.step(entry)) && !isFinal(entry.prediction.status));
  }

  /** `model` stands in the URL of the models' own route, else null. */
  async function answerCreate(request: Received, model: string | null): Promise<Reply> {
    createCalls += 1;
    if (createCalls > of.createLimit) return errors.throttled('body', THROTTLE_SECONDS);
    const general = of.takeCreateFault();
    if (general?.kind === 'reset-before') return 'reset';
    const refused = general === undefined ? null : errors.refusal(general);
    if (refused !== null) return refused;
    const body = parse(request.body);
    const named = model === null ? modelOfVersion(body['version']) : { model, version: 'hidden' };
    if (model !== null && (modelSchemas[model] === undefined || model in communityVersions)) {
      return errors.notFound();
    }
    if (named === null) return errors.versionInvalid();
    const input = body['input'];
    if (!isRecord(input)) return errors.inputInvalid('input', 'input is required');
    const problem = inputProblem(named.model, input);
    if (problem !== null) return errors.inputInvalid(problem.field, problem.description);
    const cancelAfter = request.headers['cancel-after'];
    if (cancelAfter !== undefined && !(cancelAfterSeconds(cancelAfter) >= SHORTEST_CANCEL_AFTER_SECONDS)) {
      return errors.inputInvalid('Cancel-After', 'must be a duration of at least 5 seconds');
    }
    const script = of.takeScript({ model: named.model, input });
    const fault = general ?? script.createFault;
    const own = fault === undefined ? null : errors.refusal(fault);
    if (own !== null) return own;
    if (fault?.kind === 'reset-before') return 'reset';
    const { clock, api, download, ownFile } = of;
    const entry = newEntry({
      request,
      body,
      input,
      script,
      download,
      ownFile,
      model: named.model,
      version: named.version,
      now: clock(),
      api: api(),
    });
    of.accept(entry);
    if (fault?.kind === 'reset-after') return 'reset';
    if (fault?.kind === 'bad-gateway-after') return errors.statusProblem(502);
    if (fault?.kind === 'stall') return 'stall';
    if (request.headers['prefer']?.startsWith('wait')) await hold(entry);
    return json(isFinal(entry.prediction.status) ? 201 : 202, entry.prediction);
  }

  async function answerOne(request: Received, id: string, action: string | undefined): Promise<Reply> {
    const entry = of.entries.get(id);
    if (entry === undefined) return errors.notFound();
    if (action === 'cancel') {
      if (request.method !== 'POST') return errors.notFound();
      await of.enter(entry, 'canceled');
      return json(200, entry.prediction);
    }
    const fault = entry.script.pollFaults?.shift();
    if (fault?.kind === 'reset') return 'reset';
    if (fault?.kind === 'status') return errors.statusProblem(fault.status);
    await of.keepDeadline(entry);
    if (entry.script.by !== 'advance') await of.step(entry);
    return json(200, entry.prediction);
  }

  function list(request: Received): Reply {
    const after = request.query.get('created_after');
    const offset = Number(request.query.get('cursor') ?? '0');
    const all = [...of.entries.values()]
      .map(({ prediction }) => prediction)
      .filter(({ created_at }) => after === null || new Date(created_at) >= new Date(after))
      .toReversed();
    const link = (cursor: number) => {
      const query = new URLSearchParams({ cursor: String(cursor) });
      if (after !== null) query.set('created_after', after);
      return `${of.api()}/predictions?${query}`;
    };
    return json(200, {
      previous: offset === 0 ? null : link(Math.max(0, offset - PAGE)),
      next: offset + PAGE < all.length ? link(offset + PAGE) : null,
      results: all.slice(offset, offset + PAGE),
    });
  }

  function model(name: string): Reply {
    const schema = modelSchemas[name];
    if (schema === undefined) return errors.notFound();
    const [owner, short] = name.split('/');
    const id = communityVersions[name] ?? 'hidden';
    return json(200, {
      owner,
      name: short,
      url: `https://replicate.com/${name}`,
      visibility: 'public',
      is_official: !(name in communityVersions),
      run_count: 1,
      latest_version: {
        id,
        created_at: '2026-10-01T10:00:00.000Z',
        cog_version: '0.16',
        openapi_schema: schema,
      },
    });
  }

  return { answerCreate, answerOne, list, model };
}

/** A rule that refuses a route with the vendor's own words for the status. */
export const refuse = (
  status: 401 | 404 | 413 | 429 | 500 | 502,
  where: Omit<FaultRule, 'reply'>,
): FaultRule => ({ ...where, reply: status === 413 ? errors.tooLarge() : errors.statusProblem(status) });
