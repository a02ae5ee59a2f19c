import type { Project } from '#contract/project.schema';
import type { Scene } from '#contract/scene.schema';

/** What an edit gives a scene: its length, and the first frame of its clip that is shown. */
export type SlotChange = { slotFrames?: number; inFrame?: number };
/** Changes by the id of their scene. */
export type SlotChanges = ReadonlyMap<string, SlotChange>;
export type Edge = 'start' | 'end';
/** How far something can be moved, in frames; both are included. */
export type Reach = { earliest: number; latest: number };

/** As long as a scene may be: 600 seconds at 30 frames a second. */
const LONGEST = 18_000;

type SlotScene = Pick<Scene, 'id' | 'slotFrames' | 'window' | 'sourceFrames'>;

/** How many frames earlier a scene's clip could begin, in frames of the scene; without a clip any. */
const headroom = ({ sourceFrames, window }: SlotScene): number =>
  sourceFrames === null ? LONGEST : Math.floor(window.inFrame / window.speed);

/** How many frames later a scene's clip could begin. */
const tailroom = ({ sourceFrames, window }: SlotScene): number =>
  sourceFrames === null ? LONGEST : Math.floor((sourceFrames - 1 - window.inFrame) / window.speed);

const moved = ({ sourceFrames, window }: SlotScene, frames: number): SlotChange =>
  sourceFrames === null ? {} : { inFrame: Math.max(0, Math.round(window.inFrame + frames * window.speed)) };

/** The two scenes that meet at a cut; null where there is none. */
function pairAt<S extends SlotScene>(scenes: readonly S[], at: number, edge: Edge): [S, S] | null {
  const first = edge === 'start' ? at - 1 : at;
  const [before, after] = [scenes[first], scenes[first + 1]];
  return before === undefined ||
    after === undefined ||
    before.slotFrames === null ||
    after.slotFrames === null
    ? null
    : [before, after];
}

/** How far the cut at an edge of a scene can be rolled; null: there is no cut there. */
export function rollReach(scenes: readonly SlotScene[], at: number, edge: Edge): Reach | null {
  const pair = pairAt(scenes, at, edge);
  if (pair === null) return null;
  const [before, after] = pair;
  const [one, other] = [before.slotFrames ?? 0, after.slotFrames ?? 0];
  return {
    earliest: Math.max(1 - one, other - LONGEST, -headroom(after)),
    latest: Math.min(other - 1, LONGEST - one, tailroom(after)),
  };
}

/** Moves the cut at an edge of a scene: the neighbour gives. */
export function rolled(scenes: readonly SlotScene[], at: number, edge: Edge, frames: number): SlotChanges {
  const pair = pairAt(scenes, at, edge);
  if (pair === null) return new Map();
  const [before, after] = pair;
  const later: SlotChange = moved(after, frames);
  later.slotFrames = (after.slotFrames ?? 0) - frames;
  return new Map<string, SlotChange>([
    [before.id, { slotFrames: (before.slotFrames ?? 0) + frames }],
    [after.id, later],
  ]);
}

/** How far an edge of a scene can be trimmed when what comes after moves along. */
export function rippleReach(scene: SlotScene, edge: Edge): Reach | null {
  const { slotFrames } = scene;
  if (slotFrames === null) return null;
  if (edge === 'end') return { earliest: 1 - slotFrames, latest: LONGEST - slotFrames };
  return {
    earliest: Math.max(slotFrames - LONGEST, -headroom(scene)),
    latest: Math.min(slotFrames - 1, tailroom(scene)),
  };
}

/** Trims an edge of a scene; what comes after moves along. */
export function rippled(scene: SlotScene, edge: Edge, frames: number): SlotChanges {
  const length = scene.slotFrames ?? 0;
  if (edge === 'end') return new Map([[scene.id, { slotFrames: length + frames }]]);
  const change = moved(scene, frames);
  change.slotFrames = length - frames;
  return new Map([[scene.id, change]]);
}

/** How far a clip can be slid under its scene and still cover it; null: there is no clip, or nothing to slide. */
export function slipReach({ sourceFrames, slotFrames, window }: SlotScene): Reach | null {
  if (sourceFrames === null || slotFrames === null) return null;
  const needed = Math.floor((slotFrames - 1) * window.speed) + 1;
  const latest = Math.max(window.inFrame, sourceFrames - needed, 0);
  return latest === 0 ? null : { earliest: -window.inFrame, latest: latest - window.inFrame };
}

/** Shows a scene's clip from so many of its frames later on. */
export function slipped(scene: SlotScene, frames: number): SlotChanges {
  return new Map([[scene.id, { inFrame: scene.window.inFrame + frames }]]);
}

export const clampTo = ({ earliest, latest }: Reach, frames: number): number =>
  Math.max(earliest, Math.min(latest, frames));

/** The project with changes that are on their way, as it will be; scenes that stay are the same objects. */
export function withChanges(project: Project, changes: SlotChanges): Project {
  const { fps } = project.format;
  let start: number | null = 0;
  const scenes = project.scenes.map((scene): Scene => {
    const change = changes.get(scene.id);
    const slotFrames: number | null = change?.slotFrames ?? scene.slotFrames;
    const startFrame: number | null = start;
    const end: number | null = startFrame === null || slotFrames === null ? null : startFrame + slotFrames;
    start = end;
    if (change === undefined && startFrame === scene.startFrame) return scene;
    const window =
      change?.inFrame === undefined ? scene.window : { ...scene.window, inFrame: change.inFrame };
    const seconds = (frames: number | null) => (frames === null ? null : frames / fps);
    return {
      ...scene,
      slotFrames,
      window,
      fitting: scene.fitting || (change !== undefined && scene.originalTake !== null),
      missingFrames: missing(scene, window, slotFrames),
      startFrame,
      frames: slotFrames,
      start: seconds(startFrame),
      end: seconds(end),
      duration: seconds(slotFrames),
    };
  });
  return { ...project, scenes, duration: start === null ? project.duration : start / fps };
}

function missing({ sourceFrames }: Scene, window: Scene['window'], slotFrames: number | null): number {
  if (sourceFrames === null || slotFrames === null) return 0;
  return Math.max(
    0,
    slotFrames - Math.max(0, Math.ceil((sourceFrames - window.inFrame) / window.speed - 1e-9)),
  );
}
