import type { Take } from '#contract/take.schema';

type Links = Pick<Take, 'id' | 'parentId' | 'frames' | 'trim'>;

/**
 * The original clip that a take comes from, and at which of its frames the take begins: a trim begins
 * at its in point, a lip-sync where the clip that it was made from does.
 */
export function placeInOriginal(take: Links, takes: readonly Links[]): { rootId: string; frame: number } {
  let frame = 0;
  let at = take;
  // A take is never its own ancestor; the bound keeps a damaged list from going round.
  for (let step = 0; step <= takes.length; step++) {
    frame += at.trim?.inFrame ?? 0;
    const parent = takes.find((other) => other.id === at.parentId);
    if (parent === undefined) break;
    at = parent;
  }
  return { rootId: at.id, frame };
}

/** Where two takes show the same pictures: the first frame in each, and for how many frames. */
export type Alignment = { startA: number; startB: number; frames: number };

/**
 * Lines two takes up for comparing. Takes of one original show the same moment side by side, whatever
 * was trimmed; takes of different clips, or that share no frame, both begin at their own first frame.
 */
export function alignTakes(a: Links, b: Links, takes: readonly Links[]): Alignment {
  const lengthA = a.frames ?? 0;
  const lengthB = b.frames ?? 0;
  const placeA = placeInOriginal(a, takes);
  const placeB = placeInOriginal(b, takes);
  if (placeA.rootId === placeB.rootId) {
    const first = Math.max(placeA.frame, placeB.frame);
    const frames = Math.min(placeA.frame + lengthA, placeB.frame + lengthB) - first;
    if (frames > 0) return { startA: first - placeA.frame, startB: first - placeB.frame, frames };
  }
  return { startA: 0, startB: 0, frames: Math.min(lengthA, lengthB) };
}

/** How a take was made, out of the record that the studio keeps of it. */
export type Making = {
  provider: string | null;
  model: string | null;
  temperature: number | null;
  activeSpeaker: boolean;
  occlusion: boolean;
  prompt: string | null;
  seconds: number | null;
};

const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
const numberOf = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : null);
const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

export function makingOf(take: Pick<Take, 'madeBy'>): Making {
  const { madeBy } = take;
  const options = madeBy['options'];
  return {
    provider: textOf(madeBy['provider']),
    model: textOf(madeBy['model']),
    temperature: numberOf(fieldOf(options, 'temperature')),
    activeSpeaker: fieldOf(options, 'active_speaker_detection') === true,
    occlusion: fieldOf(options, 'occlusion_detection_enabled') === true,
    prompt: textOf(fieldOf(options, 'prompt')) ?? textOf(madeBy['prompt']),
    seconds: numberOf(madeBy['processingTimeSeconds']),
  };
}
