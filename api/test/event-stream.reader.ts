/** An event as it came over the wire; `id` is NaN for those that have none. */
export type ReceivedEvent = { id: number; event: string; data: unknown };

export type EventReader = {
  /** All that came so far. */
  received: ReceivedEvent[];
  /** Hangs up; resolves when nothing more can come. */
  close(): Promise<void>;
};

/** Opens a project's event stream as a browser does, at `base` (`http://…/api/mv`). */
export async function openEvents(
  base: string,
  projectId: string,
  lastEventId?: number,
): Promise<EventReader> {
  const hangUp = new AbortController();
  const response = await fetch(`${base}/projects/${projectId}/events`, {
    headers: lastEventId === undefined ? {} : { 'Last-Event-ID': String(lastEventId) },
    signal: hangUp.signal,
  });
  if (!response.ok || response.body === null) throw new Error(`No event stream: ${response.status}`);
  const received: ReceivedEvent[] = [];
  const { body } = response;
  const reading = (async () => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of body) {
      const blocks = (text + decoder.decode(chunk, { stream: true })).split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1];
        const data = field('data');
        if (data === undefined) continue;
        received.push({ id: Number(field('id')), event: field('event') ?? '', data: JSON.parse(data) });
      }
    }
  })().catch((error: unknown) => {
    if (!hangUp.signal.aborted) throw error;
  });
  return {
    received,
    async close() {
      hangUp.abort();
      await reading;
    },
  };
}
