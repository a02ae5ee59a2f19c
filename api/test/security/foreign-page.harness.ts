/**
 * What a page of somebody else tries against a studio. Sent to the browser as text and run there; every
 * attempt ends by itself, and what it got to see is told.
 */
export type Targets = {
  /** Origins: the studio under each of its names, and whatever else its process listens on. */
  origins: string[];
  projectId: string;
  takeId: string;
  /** A media URL that got out, as the API gave it. */
  mediaUrl: string;
};

export type Outcome = {
  /** Attempts whose answer the page could read, with its beginning. */
  read: string[];
  /** Attempts that a browser lets a page make without reading; the studio must have refused them. */
  sent: number;
  /** Attempts that came to no end. */
  unfinished: string[];
};

/** The attacks as a script: an expression that resolves to an `Outcome`. */
export function attackScript(targets: Targets): string {
  return `(${attack.toString()})(${JSON.stringify(targets)}, ${browserWords})`;
}

/** What is the browser's own: this product's types know no DOM, so it is written as text. */
const browserWords = `{
  // Browsers send a few requests at a time; the others wait for their turn.
  within(promise, ms = 30_000) {
    return Promise.race([promise, new Promise((resolve) => setTimeout(resolve, ms, undefined))]);
  },
  element(name, attributes) {
    return new Promise((resolve) => {
      const element = document.createElement(name);
      element.onload = element.onloadedmetadata = () => resolve(element);
      element.onerror = () => resolve(null);
      Object.assign(element, attributes);
      document.body.append(element);
    });
  },
  sizeOf(element) {
    return element === null ? 0 : element.naturalWidth || element.videoWidth || element.duration || 0;
  },
  form(action, enctype, fields) {
    const frame = document.createElement('iframe');
    frame.name = 'to-' + Math.random();
    document.body.append(frame);
    const form = document.createElement('form');
    Object.assign(form, { action, enctype, method: 'post', target: frame.name });
    for (const [name, value] of Object.entries(fields)) {
      const input = document.createElement('input');
      Object.assign(input, { name, value, type: 'hidden' });
      form.append(input);
    }
    const file = document.createElement('input');
    Object.assign(file, { name: 'file', type: 'file' });
    const given = new DataTransfer();
    given.items.add(new File(['RIFF0000WAVE'], 'a.wav'));
    file.files = given.files;
    form.append(file);
    document.body.append(form);
    return new Promise((resolve) => {
      frame.onload = () => resolve(null);
      form.submit();
    });
  },
  socket(url) {
    return new Promise((resolve) => {
      const socket = new WebSocket(url);
      socket.onopen = () => resolve('opened');
      socket.onerror = socket.onclose = () => resolve(null);
    });
  },
  events(url) {
    return new Promise((resolve) => {
      const source = new EventSource(url, { withCredentials: true });
      source.onopen = () => { source.close(); resolve('opened'); };
      source.onerror = () => { source.close(); resolve(null); };
    });
  },
  beacon(url, body) {
    navigator.sendBeacon(url, body);
  },
}`;

type Words = {
  within<T>(promise: Promise<T>, ms?: number): Promise<T | undefined>;
  element(name: string, attributes: Record<string, string>): Promise<object | null>;
  sizeOf(element: object | null): number;
  form(action: string, enctype: string, fields: Record<string, string>): Promise<null>;
  socket(url: string): Promise<string | null>;
  events(url: string): Promise<string | null>;
  beacon(url: string, body: string): void;
};

/** Runs in the page. */
async function attack(targets: Targets, words: Words): Promise<Outcome> {
  const outcome: Outcome = { read: [], sent: 0, unfinished: [] };
  const { projectId, takeId, mediaUrl } = targets;
  const project = `/api/mv/projects/${projectId}`;
  const scene = `${project}/scenes/1`;
  // Of the store, as a page that knows or guesses a key would ask a store without a guard.
  const key = decodeURIComponent(new URL(mediaUrl).pathname).replace(/^\/[^/]+\//, '');
  const unguarded = 'X-Amz-Signature=x';
  const reading = [
    ...['/', '/openapi.json', '/metrics', '/api/mv/projects', '/api/mv/session', project],
    ...[`${scene}/takes`, `/api/mv/get_video/${takeId}`, `/api/mv/get_video/${takeId}?redirect=true`],
    ...['/api/mv/admin/audit', `/songreel?list-type=2&${unguarded}`, `/songreel/${key}?${unguarded}`],
  ];
  const writing: [string, string][] = [
    ['POST', '/api/mv/projects'],
    ['POST', '/api/mv/projects/sample'],
    ['POST', `${project}/duplicate`],
    ['POST', `${project}/compose`],
    ['POST', `${scene}/upload_video`],
    ['POST', '/api/mv/session'],
    ['POST', '/api/mv/uploads'],
    ['PUT', `${project}/audio`],
    ['PATCH', project],
    ['DELETE', project],
    ['DELETE', '/api/mv/session'],
    ['PUT', `/songreel/stranger?${unguarded}`],
    ['DELETE', `/songreel/${key}?${unguarded}`],
    ['POST', `/songreel?${unguarded}`],
    ['POST', `/songreel?delete&${unguarded}`],
  ];
  const deletion = `<Delete><Object><Key>${key}</Key></Object></Delete>`;
  const json = '{"title":"from elsewhere","prompt":"from elsewhere"}';
  const attempt = async (what: string, act: () => Promise<string | null>) => {
    outcome.sent += 1;
    const got = await words.within(act().catch(() => null));
    if (got === undefined) outcome.unfinished.push(what);
    else if (got !== null) outcome.read.push(`${what}: ${got.slice(0, 60)}`);
  };
  const attempts: Promise<void>[] = [];
  for (const origin of targets.origins) {
    for (const path of reading) {
      for (const credentials of ['include', 'omit'] as const) {
        attempts.push(
          attempt(`fetch ${origin}${path} (${credentials})`, async () =>
            (await fetch(origin + path, { credentials })).text(),
          ),
        );
      }
      attempts.push(
        attempt(`fetch without CORS ${origin}${path}`, async () => {
          const answer = await fetch(origin + path, { mode: 'no-cors', credentials: 'include' });
          const text = await answer.text();
          return text === '' ? null : text;
        }),
      );
      for (const [name, attributes] of [
        ['script', { src: origin + path }],
        ['link', { href: origin + path, rel: 'stylesheet' }],
      ] as const) {
        attempts.push(
          attempt(`<${name}> ${origin}${path}`, async () =>
            (await words.element(name, attributes)) === null ? null : 'loaded',
          ),
        );
      }
    }
    for (const [method, path] of writing) {
      attempts.push(
        attempt(`${method} ${origin}${path}`, async () =>
          (await fetch(origin + path, { method, body: json, credentials: 'include' })).text(),
        ),
        attempt(`${method} ${origin}${path} as JSON`, async () =>
          (
            await fetch(origin + path, {
              method,
              body: json,
              credentials: 'include' as const,
              headers: { 'Content-Type': 'application/json', 'X-HTTP-Method-Override': 'DELETE' },
            })
          ).text(),
        ),
      );
      if (method !== 'POST') continue;
      const body = path.includes('?delete') ? deletion : json;
      for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
        attempts.push(
          attempt(`POST without CORS ${origin}${path} (${type})`, async () => {
            const answer = await fetch(origin + path, {
              method,
              body,
              mode: 'no-cors' as const,
              credentials: 'include' as const,
              headers: { 'Content-Type': type },
            });
            const text = await answer.text();
            return text === '' ? null : text;
          }),
        );
      }
      words.beacon(origin + path, body);
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
        attempts.push(
          attempt(`form to ${origin}${path} (${type})`, () =>
            words.form(origin + path, type, {
              '{"title":"from a form","x":"': '"}',
              title: 'from a form',
              key: 'stranger',
            }),
          ),
        );
      }
    }
    attempts.push(
      attempt(`WebSocket ${origin}`, () => words.socket(`${origin.replace('http', 'ws')}${project}/events`)),
      attempt(`EventSource ${origin}`, () => words.events(`${origin}${project}/events`)),
    );
  }
  for (const name of ['img', 'video', 'audio']) {
    for (const src of [mediaUrl, `${targets.origins[0]}/api/mv/get_video/${takeId}?redirect=true`]) {
      attempts.push(
        attempt(`<${name}> ${src.split('?')[0]}`, async () => {
          const size = words.sizeOf(await words.element(name, { src }));
          return size > 0 ? `loaded, ${size}` : null;
        }),
      );
    }
  }
  attempts.push(attempt('fetch of a media URL', async () => (await fetch(mediaUrl)).text()));
  await Promise.all(attempts);
  return outcome;
}
