/** One thing that was done and can be taken back: what it was before and what it is since. */
export type Change =
  | { kind: 'order'; before: readonly string[]; after: readonly string[] }
  | { kind: 'text'; sceneId: string; before: string; after: string }
  | { kind: 'window'; sceneId: string; before: Cut; after: Cut }
  | { kind: 'take'; what: 'choice' | 'lipsync'; sceneId: string; before: string; after: string };

/** What of its clip a scene shows, in frames. */
export type Cut = { inFrame: number; slotFrames: number };

/** What of a project is looked at before a change is applied. */
export type ProjectState = {
  scenes: readonly {
    id: string;
    prompt: string;
    currentTake: { id: string } | null;
    window: { inFrame: number };
    slotFrames: number | null;
    activeJob: object | null;
  }[];
};

/** Older ones are forgotten; more has no one ever taken back. */
export const MOST_CHANGES = 100;

export type Stack = { past: readonly Change[]; future: readonly Change[] };
export const emptyStack: Stack = { past: [], future: [] };

/** A new change; what was taken back before it can't be done again any more. */
export function pushed(stack: Stack, change: Change): Stack {
  return { past: [...stack.past, change].slice(-MOST_CHANGES), future: [] };
}

/** The stack after its last change was taken back. */
export function undone(stack: Stack): Stack {
  const last = stack.past.at(-1);
  return last === undefined ? stack : { past: stack.past.slice(0, -1), future: [last, ...stack.future] };
}

/** The stack after what was taken back last was done again. */
export function redone(stack: Stack): Stack {
  const [next, ...future] = stack.future;
  return next === undefined ? stack : { past: [...stack.past, next], future };
}

/** Without a change that can't be taken back or done again any more. */
export function dropped(stack: Stack, change: Change): Stack {
  const without = (changes: readonly Change[]) => changes.filter((other) => other !== change);
  return { past: without(stack.past), future: without(stack.future) };
}

/** The same change the other way round: undoing is applying this. */
export function inverse(change: Change): Change {
  if (change.kind === 'order') return { ...change, before: change.after, after: change.before };
  if (change.kind === 'window') return { ...change, before: change.after, after: change.before };
  return { ...change, before: change.after, after: change.before };
}

/**
 * Why a change can't be applied to the project as it is now, or null. It is applied only where things
 * still are as it left them: somebody else's later work is never thrown away.
 */
export function conflictOf(change: Change, project: ProjectState): 'gone' | 'changed' | 'busy' | null {
  if (change.kind === 'order') {
    const now = project.scenes.map((scene) => scene.id);
    if (now.length === change.before.length && now.every((id, at) => id === change.before[at])) return null;
    return 'changed';
  }
  const scene = project.scenes.find((candidate) => candidate.id === change.sceneId);
  if (scene === undefined) return 'gone';
  if (change.kind === 'text') return scene.prompt === change.before ? null : 'changed';
  if (change.kind === 'window') {
    const { inFrame, slotFrames } = change.before;
    return scene.window.inFrame === inFrame && scene.slotFrames === slotFrames ? null : 'changed';
  }
  if (scene.activeJob !== null) return 'busy';
  return scene.currentTake?.id === change.before ? null : 'changed';
}
