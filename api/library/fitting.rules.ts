import type { Format } from '../contract/format.schema';
import type { ChangeWindow, Framing, KeptWindow } from '../contract/window.schema';
import { cutSound } from './lipsync.rules';
import { reframed } from './reframe.rules';
import type { SceneRow } from './scenes.rules';
import type { FileColumns } from './stored-file.rules';
import { type NewTake, newTake, ofParent, type TakeRow } from './takes.rules';
import {
  cutOfSync,
  fits,
  shownFrames,
  sourceFramesOf,
  type Wanted,
  type Windowed,
  windowOf,
} from './window.rules';

/** A take that has to be made: of an original through a window, or the frames from `first` on of a lip-sync. */
export type Render = { wanted: Wanted } & (
  | { of: 'original'; original: TakeRow }
  /** `framing`: of the lip-sync's own picture, where that was made for a frame of another shape. */
  | { of: 'lipsync'; sync: TakeRow; first: number; framing: Framing | null }
);

/** What a scene needs to show what it wants. */
export type FitPlan = { to: 'nothing' } | { to: 'show'; take: TakeRow } | { to: 'render'; render: Render };

type Fitted = Windowed & Pick<SceneRow, 'slotFrames' | 'originalTake'>;

/** What a scene wants to show: of its lip-sync where that has it, else of its original. */
export function planFit(scene: Fitted, takes: TakeRow[], format: Format): FitPlan {
  const { originalTake: original, lipsyncTake: sync, slotFrames } = scene;
  if (original === null || slotFrames === null) return { to: 'nothing' };
  const wanted = { window: windowOf(scene), slotFrames };
  const cut = sync === null ? null : cutOfSync(sync, wanted, original, format);
  if (sync === null || cut === null) return planUnsynced(scene, takes, format);
  const whole = fits(sync, wanted, original, format) ? sync : undefined;
  const take =
    whole ??
    takes.find(
      (one) => one.kind === 'lipsynced' && one.parentId === sync.id && fits(one, wanted, original, format),
    );
  if (take !== undefined) return { to: 'show', take };
  const framing = framingOfSync(sync, wanted, original, format);
  return { to: 'render', render: { of: 'lipsync', sync, first: cut.first, framing, wanted } };
}

/** How a lip-sync of another shape lies in the frame; null: it has the frame's own. */
function framingOfSync(sync: TakeRow, wanted: Wanted, original: TakeRow, format: Format): Framing | null {
  if (sync.window === null || (sync.width === format.width && sync.height === format.height)) return null;
  return reframed(
    original,
    { frame: sync, was: sync.window.framing },
    { frame: format, wanted: wanted.window.framing },
  );
}

/** What a lip-sync of a scene starts from: the original itself or a take of it that fits, without any lip-sync. */
export function planUnsynced(scene: Fitted, takes: TakeRow[], format: Format): FitPlan {
  const { originalTake: original, slotFrames } = scene;
  if (original === null || slotFrames === null) return { to: 'nothing' };
  const wanted = { window: windowOf(scene), slotFrames };
  if (fits(original, wanted, original, format)) return { to: 'show', take: original };
  const take = takes.find(
    (one) => one.kind === 'trimmed' && one.parentId === original.id && fits(one, wanted, original, format),
  );
  if (take !== undefined) return { to: 'show', take };
  return { to: 'render', render: { of: 'original', original, wanted } };
}

/** The take that was rendered. */
export function renderedTake(
  { wanted, ...render }: Render,
  file: FileColumns,
  made: { id: string; jobId: string; format: Format },
): NewTake {
  const { window, slotFrames: frames } = wanted;
  const { id, jobId, format } = made;
  const common = { ...file, id, jobId, frames, window, width: format.width, height: format.height };
  if (render.of === 'original') {
    const { from, to } = shownFrames(wanted, sourceFramesOf(render.original));
    return newTake({
      ...ofParent(render.original),
      ...common,
      kind: 'trimmed',
      trimIn: from,
      trimOut: to,
      madeBy: { provider: 'trim', model: 'fit', options: {} },
    });
  }
  const { sync, first } = render;
  const { audioStart, audioEnd } = sync;
  const sound =
    audioStart === null || audioEnd === null ? null : cutSound({ audioStart, audioEnd }, first, frames);
  return newTake({
    ...ofParent(sync),
    ...common,
    kind: 'lipsynced',
    songId: sync.songId,
    audioStart: sound?.startFrame ?? null,
    audioEnd: sound?.endFrame ?? null,
    madeBy: { ...sync.madeBy, cutOf: sync.id },
  });
}

/** What a scene points at when it gets a clip: its length stays, and one without a length takes the clip's. */
export const asNewClip = (
  scene: Pick<SceneRow, 'slotFrames'>,
  take: Pick<NewTake, 'id' | 'frames' | 'sourceFrames' | 'window'>,
) => ({
  originalTakeId: take.id,
  currentTakeId: take.id,
  lipsyncTakeId: null,
  window: null,
  slotFrames: scene.slotFrames ?? take.sourceFrames ?? take.frames,
});

/** A window with some of its fields changed. */
export function changedWindow(window: KeptWindow, change: Omit<ChangeWindow, 'slotFrames'>): KeptWindow {
  const { inFrame, speed, blend, ending, framing } = change;
  const { mode, background, x, y, scale } = framing ?? {};
  const now = window.framing;
  return {
    inFrame: inFrame ?? window.inFrame,
    speed: speed ?? window.speed,
    blend: blend ?? window.blend,
    ending: ending ?? window.ending,
    framing: {
      mode: mode ?? now.mode,
      background: background ?? now.background,
      // Null takes back what was chosen.
      x: x === undefined ? now.x : x,
      y: y === undefined ? now.y : y,
      scale: scale ?? now.scale,
    },
  };
}
