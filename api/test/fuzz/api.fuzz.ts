import fc from 'fast-check';
import { createRandom, type Random } from '../../shared/random';
import { residentMebibytes } from '../chaos/chaos.machines';
import { makeMaterial } from '../chaos/chaos.media';
import { createStage } from '../process.harness';
import { type ApiClient, createApiClient } from '../studio.harness';
import { type Operation, readOperations } from './api.operations';
import { hostile, type JsonSchema, near, urls, valid } from './schema.arbitraries';

/** So many inputs are made for one operation at a time. */
const BATCH = 200;
const LONGEST_ANSWER_MS = 20_000;
/** Fewer live projects than this: new ones are made. */
const FEWEST_PROJECTS = 3;
const MOST_IDS = 40;

export type ApiFuzzReport = {
  seed: number;
  requests: number;
  seconds: number;
  operations: number;
  statuses: Record<string, number>;
  /** Declared 5xx that came, by operation. */
  serverErrors: Record<string, number>;
  /** Statuses that the document does not have for their operation; each is a problem. */
  undeclared: Record<string, number>;
  memory: { first: number; last: number };
  problems: string[];
};

type Live = Record<'projects' | 'scenes' | 'takes' | 'jobs' | 'videos' | 'uploads', string[]>;

/** Calls every operation of the API's own document with inputs that are right, almost right and hostile. */
export async function fuzzApi(options: {
  seed: number;
  count: number;
  lanes: number;
  /** It ends after this time, however much is left. */
  lengthMs: number;
  tell: (line: string) => void;
}): Promise<ApiFuzzReport> {
  const random = createRandom(options.seed);
  const stage = await createStage();
  const began = performance.now();
  const report: ApiFuzzReport = {
    seed: options.seed,
    requests: 0,
    seconds: 0,
    operations: 0,
    statuses: {},
    serverErrors: {},
    undeclared: {},
    memory: { first: 0, last: 0 },
    problems: [],
  };
  try {
    // Without workers: jobs are made, canceled and tried again, and cost nothing.
    const studio = await stage.start('start', { ROLE: 'api' });
    const api = createApiClient(`${studio.url}/api/mv`);
    const material = await makeMaterial();
    const live: Live = { projects: [], scenes: [], takes: [], jobs: [], videos: [], uploads: [] };
    const operations = await readOperations(studio.url);
    report.operations = operations.length;
    report.memory.first = (await residentMebibytes(studio.pid)) ?? 0;

    const count = (counts: Record<string, number>, name: string) => {
      counts[name] = (counts[name] ?? 0) + 1;
    };
    function problem(what: string): void {
      if (report.problems.includes(what)) return;
      report.problems.push(what);
      options.tell(`PROBLEM seed ${options.seed}: ${what}`);
    }

    async function call(operation: Operation, input: Input): Promise<void> {
      const { method, path } = operation;
      const name = `${method} ${path}`;
      const url = `${studio.url}${fill(path, live, random)}${input.query}`;
      try {
        const response = await fetch(url, {
          method,
          headers: { Prefer: 'respond-async', ...input.headers },
          signal: AbortSignal.timeout(LONGEST_ANSWER_MS),
          ...(method === 'GET' || input.body === null ? {} : { body: input.body }),
        });
        const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
        const text = isStream ? '' : await response.text();
        if (isStream) await response.body?.cancel();
        const { status } = response;
        count(report.statuses, String(status));
        if (!operation.statuses.has(String(status))) {
          if (report.undeclared[`${name} ${status}`] === undefined || status >= 500)
            problem(`${name}: ${status} is not declared: ${text.slice(0, 300)} for ${describe(url, input)}`);
          count(report.undeclared, `${name} ${status}`);
        } else if (status >= 500) count(report.serverErrors, `${name} ${status} ${text.slice(0, 120)}`);
        if (/\n\s+at .+:\d+:\d+|node_modules/.test(text) && status >= 400) {
          problem(`${name}: ${status} shows the inside: ${text.slice(0, 300)}`);
        }
        if (status < 300) remember(live, text, response.headers.get('location'));
      } catch (error) {
        problem(`${name}: no answer (${String(error)}) for ${describe(url, input)}`);
        if (!studio.isRunning()) throw new Error(`The studio ended: ${studio.lastWords()}`, { cause: error });
      }
      report.requests += 1;
      if (report.requests % 5000 === 0) {
        studio.lines.splice(0);
        const perSecond = report.requests / ((performance.now() - began) / 1000);
        options.tell(`${report.requests} requests, ${perSecond.toFixed(0)} a second`);
      }
    }

    while (report.requests < options.count && performance.now() - began < options.lengthMs) {
      while (live.projects.length < FEWEST_PROJECTS) await addProject(api, live, material, random);
      const operation = random.pick([operations[0] ?? missing(), ...operations.slice(1)]);
      const seed = Math.floor(random.next() * 2 ** 31);
      const left = Math.min(BATCH, options.count - report.requests);
      const inputs = fc.sample(inputFor(operation, live, material, random), { seed, numRuns: left });
      const queue = inputs.values();
      await Promise.all(
        Array.from({ length: options.lanes }, async () => {
          for (const input of queue) await call(operation, input);
        }),
      );
    }
    report.memory.last = (await residentMebibytes(studio.pid)) ?? 0;
    report.seconds = (performance.now() - began) / 1000;
    return report;
  } finally {
    await stage.stop();
  }
}

function missing(): never {
  throw new Error('The document has no operations.');
}

type Input = {
  headers: Record<string, string>;
  query: string;
  body: string | Uint8Array<ArrayBuffer> | null;
};

function inputFor(
  operation: Operation,
  live: Live,
  material: Awaited<ReturnType<typeof makeMaterial>>,
  random: Random,
): fc.Arbitrary<Input> {
  const query = fc
    .array(fc.tuple(fc.constantFrom(...operation.query, 'limit', 'offset', 'x'), hostile), { maxLength: 3 })
    .map((pairs) =>
      pairs.length === 0
        ? ''
        : `?${pairs.map(([name, value]) => `${name}=${encodeURIComponent(wellFormed(typeof value === 'string' ? value : JSON.stringify(value)))}`).join('&')}`,
    );
  const named = (field: string) => {
    if (/url/i.test(field)) return urls;
    if (field === 'sceneIds') return fc.shuffledSubarray(live.scenes.slice(0, 8));
    if (field === 'project_id') return fc.constantFrom(...live.projects);
    if (/_id$/.test(field)) return fc.constantFrom(...live.takes, crypto.randomUUID());
    return field === 'sequence' ? fc.integer({ min: 0, max: 6 }) : null;
  };
  const json = (value: fc.Arbitrary<unknown>) =>
    value.map(
      (one): Pick<Input, 'headers' | 'body'> => ({
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(one) ?? '',
      }),
    );
  const broken = fc.oneof(
    fc.constantFrom('{', '{"a":', '[1,', 'null', '"', '{"a":1}}', '\u0000').map((body) => ({
      headers: { 'Content-Type': 'application/json' },
      body,
    })),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => ({
      headers: {
        'Content-Type': random.pick([
          'application/json',
          'text/plain',
          'multipart/form-data; boundary=x',
          'x',
        ]),
      },
      body: new Uint8Array(bytes),
    })),
  );
  const file = fc.constantFrom('clip', 'image', 'song').map((kind) => ({
    headers: { 'Content-Type': operation.fileTypes[0] ?? 'application/octet-stream' },
    body:
      kind === 'clip'
        ? material.clip(random).bytes
        : kind === 'image'
          ? material.image(random).bytes
          : material.song(random).bytes,
  }));
  const nothing = fc.constant({ headers: {}, body: null });
  const { schema } = operation;
  const body = fc.oneof<fc.WeightedArbitrary<Pick<Input, 'headers' | 'body'>>[]>(
    { weight: schema ? 5 : 0, arbitrary: json(schema ? valid(schema, named) : hostile) },
    { weight: schema ? 5 : 0, arbitrary: json(schema ? near(schema, named) : hostile) },
    { weight: operation.fileTypes.length > 0 ? 1 : 0, arbitrary: file },
    { weight: 2, arbitrary: json(hostile) },
    { weight: 2, arbitrary: broken },
    { weight: schema ? 1 : 4, arbitrary: nothing },
  );
  return fc
    .tuple(query, headersFor(operation, live, material.song(random).bytes.length), body)
    .map(([text, headers, sent]) => ({
      query: text,
      body: sent.body,
      headers: { ...headers, ...sent.headers },
    }));
}

/** The headers of an operation: most often right, sometimes left out, sometimes nonsense. */
function headersFor(
  operation: Operation,
  live: Live,
  songBytes: number,
): fc.Arbitrary<Record<string, string>> {
  const metadata = fc
    .record({
      kind: fc.constantFrom('song', 'clip', 'image', 'poem'),
      projectId: fc.constantFrom(...live.projects, crypto.randomUUID(), 'a\0b'),
      sequence: fc.constantFrom('1', '2', '9', '-1', '\0', 'x'.repeat(300)),
      filename: fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constant('a\0b.wav')),
    })
    .map((fields) =>
      Object.entries(fields)
        .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
        .join(','),
    );
  const right = (name: string, schema: JsonSchema) =>
    name === 'Upload-Metadata'
      ? metadata
      : name === 'Upload-Offset'
        ? fc.constantFrom('0', '0', '0', '1', '5000')
        : name === 'Upload-Length'
          ? fc.constantFrom(songBytes, songBytes, songBytes, 1, 0).map(String)
          : valid(schema, () => null).map(String);
  const wrong = fc.constantFrom('', '-1', '1e9', '99999999999999999999', 'x', 'a b,c d', '%00', 'é');
  const one = ({ name, schema }: Operation['headers'][number]) =>
    fc.oneof(
      { weight: 8, arbitrary: right(name, schema).map((value): [string, string][] => [[name, value]]) },
      { weight: 1, arbitrary: fc.constant<[string, string][]>([]) },
      { weight: 1, arbitrary: wrong.map((value): [string, string][] => [[name, value]]) },
    );
  return fc.tuple(...operation.headers.map(one)).map((pairs) => Object.fromEntries(pairs.flat()));
}

/** Servers refuse longer addresses themselves (431). */
const LONGEST_QUERY_VALUE = 2000;
const wellFormed = (text: string) => text.slice(0, LONGEST_QUERY_VALUE).toWellFormed();

const hostileSegments = [
  '0',
  '-1',
  '1e9',
  '99999999999999999999',
  'null',
  '%00',
  '%2e%2e%2f',
  '%F0%9F%92%A9',
  "'",
  'a%20b',
  '%ff',
] as const;

/** A path with its parameters: most often ids that exist, sometimes others, sometimes nonsense. */
function fill(path: string, live: Live, random: Random): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const dice = random.next();
    if (dice < 0.12) return random.pick([...hostileSegments]);
    if (dice < 0.2) return crypto.randomUUID();
    if (name === 'sequence') return String(Math.floor(random.between(1, 5)));
    const ids = /project/i.test(name)
      ? live.projects
      : /take/i.test(name)
        ? live.takes
        : /job/i.test(name)
          ? live.jobs
          : path.includes('/uploads/')
            ? live.uploads
            : live.takes.concat(live.videos);
    return ids[Math.floor(random.next() * ids.length)] ?? crypto.randomUUID();
  });
}

/** Takes the ids out of an answer, so that later calls meet what earlier ones made. */
function remember(live: Live, text: string, location: string | null): void {
  const add = (ids: string[], id: string) => {
    if (ids.includes(id)) return;
    ids.push(id);
    if (ids.length > MOST_IDS) ids.shift();
  };
  const upload = /\/uploads\/([0-9a-f-]{36})$/.exec(location ?? '')?.[1];
  if (upload !== undefined) add(live.uploads, upload);
  const id = /^\{"id":"([0-9a-f-]{36})"/.exec(text)?.[1];
  if (id === undefined) return;
  if (text.includes('"attempt":')) add(live.jobs, id);
  else if (text.includes('"budgetUsd":')) add(live.projects, id);
  else if (text.includes('"plannedDuration":')) add(live.scenes, id);
}

async function addProject(
  api: ApiClient,
  live: Live,
  material: Awaited<ReturnType<typeof makeMaterial>>,
  random: Random,
): Promise<void> {
  const project = await api.createProject({ format: { width: 128, height: 128, fps: 25 } });
  for (let scene = 0; scene < 3; scene++)
    live.scenes.push((await api.addScene(project.id, { plannedDuration: 1 })).id);
  const headers = { 'Content-Type': 'application/octet-stream', Prefer: 'respond-async' };
  const upload = await api.call<{ id: string }>('PUT', `/projects/${project.id}/audio`, {
    headers,
    body: material.song(random).bytes,
  });
  live.jobs.push(upload.body.id);
  live.projects.push(project.id);
}

const describe = (url: string, input: Input): string =>
  `${url.slice(0, 200)} ${JSON.stringify(input.headers)} ${typeof input.body === 'string' ? input.body.slice(0, 300) : input.body === null ? 'no body' : `${input.body.length} bytes`}`;
