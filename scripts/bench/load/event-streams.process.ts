import * as v from 'valibot';
import { type EventReader, openEvents } from '../../../api/test/event-stream.reader';

/** Which streams to hold open, as the first message of the parent. */
const OrderSchema = v.object({ base: v.string(), projectIds: v.array(v.string()), streams: v.number() });

const readers: { projectId: string; reader: EventReader }[] = [];

/** In a process of its own: what it costs to listen is not to be taken for what it costs to answer. */
process.on('message', async (message) => {
  if (message === 'report') {
    process.send?.(readers.map(({ projectId, reader }) => ({ projectId, ...numbersOf(reader) })));
    return;
  }
  const order = v.parse(OrderSchema, message);
  for (let number = 0; number < order.streams; number++) {
    const projectId = order.projectIds[number % order.projectIds.length] ?? '';
    readers.push({ projectId, reader: await openEvents(order.base, projectId) });
  }
  process.send?.('open');
});

function numbersOf({ received }: EventReader): { begin: number; ids: number[] } {
  const [first, ...rest] = received;
  if (first?.event !== 'begin') throw new Error(`A stream began with ${first?.event}.`);
  const odd = rest.find((one) => one.event === 'reset' || Number.isNaN(one.id));
  if (odd !== undefined) throw new Error(`A stream got ${odd.event} without having been broken off.`);
  return { begin: first.id, ids: rest.map((one) => one.id) };
}
