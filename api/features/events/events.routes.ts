import { type Context, Hono } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { describeRoute } from 'hono-openapi';
import type { StreamItem } from '../../events/events.types';
import type { Caller, Grant } from '../../http/caller.rules';
import { keepOpen } from '../../http/http.connection';
import { failures } from '../../http/http.documentation';
import { takes } from '../../http/http.validate';
import type { OpenStreams } from './open-streams';

/** Proxies and browsers drop silent connections after half a minute or more. */
const HEARTBEAT_MS = 15_000;

export type SubscribeToProject = (
  projectId: string,
  options: { afterId?: number; signal: AbortSignal },
) => Promise<AsyncIterable<StreamItem>>;

/** Whoever opened a stream may read it as long as what let them in holds: tokens are revoked meanwhile. */
type Access = {
  isLive(grant: Grant): Promise<boolean>;
  /** Calls `onEnd` when what let the caller in ends; returns how to stop watching. */
  watch(caller: Pick<Caller, 'grant' | 'tokenId'>, onEnd: () => void): Promise<() => void>;
};

const lastEvent = (name: string, where: 'header' | 'query', description: string) => ({
  name,
  in: where,
  required: false,
  schema: { type: 'string' as const },
  description,
});

async function write(stream: SSEStreamingApi, item: StreamItem): Promise<void> {
  if (item.type === 'reset') await stream.writeSSE({ event: 'reset', data: '{}' });
  else if (item.type === 'begin') {
    await stream.writeSSE({ id: String(item.id), event: 'begin', data: '{}' });
  } else await stream.writeSSE({ id: String(item.id), event: item.type, data: JSON.stringify(item.payload) });
}

export const eventRoutes = (subscribe: SubscribeToProject, access: Access, streams: OpenStreams) =>
  new Hono().get(
    '/projects/:projectId/events',
    describeRoute({
      tags: ['Events'],
      summary: 'What happens in a project, as server-sent events',
      description:
        'Events `job` (the whole job), `project.changed` (read the project again), `project.deleted`, `begin` first of all (read the project now: what changes from here on is told), and `reset` when events were missed and all must be read again. Send `Last-Event-ID` to catch up after a lost connection.',
      responses: {
        200: { description: 'The stream.', content: { 'text/event-stream': { schema: { type: 'string' } } } },
        ...failures([404]),
      },
    }),
    takes<{ header?: { 'Last-Event-ID'?: string }; query?: { lastEventId?: string } }>({
      parameters: [
        lastEvent('Last-Event-ID', 'header', 'The last event that was seen: those after it are sent first.'),
        lastEvent('lastEventId', 'query', 'The same, where no header can be set.'),
      ],
    }),
    async (c) => {
      const caller = c.get('caller');
      const last = c.req.header('last-event-id') ?? c.req.query('lastEventId');
      const hangUp = new AbortController();
      const leave = streams.enter(caller);
      hangUp.signal.addEventListener('abort', leave);
      try {
        const unwatch = await access.watch(caller, () => hangUp.abort());
        hangUp.signal.addEventListener('abort', unwatch);
        // It aborts once: a stream that was closed while it was opened is taken off the list here.
        if (hangUp.signal.aborted) unwatch();
        const events = await subscribe(c.req.param('projectId'), {
          signal: hangUp.signal,
          ...(last !== undefined && /^\d{1,15}$/.test(last) ? { afterId: Number(last) } : {}),
        });
        keepOpen(c);
        return send(c, events, hangUp, () => access.isLive(caller.grant));
      } catch (error) {
        hangUp.abort();
        throw error;
      }
    },
  );

/** Sends events until the caller hangs up, `hangUp` aborts, or `isLive` says that they may no longer. */
function send(
  c: Context,
  events: AsyncIterable<StreamItem>,
  hangUp: AbortController,
  isLive: () => Promise<boolean>,
): Response {
  // Proxies must hand each event on at once.
  c.header('X-Accel-Buffering', 'no');
  return streamSSE(c, async (stream) => {
    stream.onAbort(() => hangUp.abort());
    const beat = async () => {
      if (await isLive()) await stream.write(': still here\n\n');
      else hangUp.abort();
    };
    const heartbeat = setInterval(() => void beat().catch(() => hangUp.abort()), HEARTBEAT_MS);
    try {
      await stream.write('retry: 2000\n\n');
      for await (const item of events) await write(stream, item);
    } finally {
      clearInterval(heartbeat);
      hangUp.abort();
    }
  });
}
