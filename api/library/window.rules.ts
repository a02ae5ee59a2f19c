import type { Format } from '../contract/format.schema';
import {
  type ClipWindow,
  defaultWindow,
  type Framing,
  type KeptWindow,
  keptDefaultWindow,
} from '../contract/window.schema';
import { reachedFrames } from '../shared/frames';
import type { SceneRow } from './scenes.rules';
import type { TakeRow } from './takes.rules';

/** What a scene wants of its clip: so many frames of it, through this window. */
export type Wanted = { window: ClipWindow; slotFrames: number };

/** What of an original decides how it fills a slot. */
type Clip = Pick<TakeRow, 'id' | 'frames' | 'sourceFrames' | 'width' | 'height' | 'window'>;

/** Sums of speeds are floating-point numbers; a frame is reached when it is reached but for their rounding. */
const ROUNDING = 1e-9;

/** What a scene's window follows from. */
export type Windowed = Pick<SceneRow, 'window' | 'faceMiddle' | 'lipsyncTake' | 'originalTake'>;

/** A scene's window as it is kept: what nobody chose stays unchosen when it is kept again. */
export const keptWindowOf = (scene: Pick<SceneRow, 'window'>): KeptWindow =>
  scene.window ?? keptDefaultWindow;

/** Where the lip-sync of a scene has its picture; null: there is none, or it shows all of the clip's picture. */
function syncedPlace({
  lipsyncTake: sync,
  originalTake: original,
}: Windowed): { x: number; y: number } | null {
  const framing = sync?.window?.framing;
  if (sync == null || original === null || framing?.mode !== 'fill') return null;
  // Sizes are even: a shape may be a pixel off.
  const isWhole = Math.abs(sync.width / sync.height - original.width / original.height) < 0.01;
  return isWhole ? null : framing;
}

/**
 * A scene's window, whole. A picture that fills the frame, and that nobody put anywhere, keeps the face in it;
 * one that was lip-synced stays where it was synced, also when a face is found later.
 */
export function windowOf(scene: Windowed): ClipWindow {
  const window = keptWindowOf(scene);
  const { x, y, ...framing } = window.framing;
  const plain = defaultWindow.framing;
  const found = framing.mode === 'fill' ? (syncedPlace(scene) ?? scene.faceMiddle ?? plain) : plain;
  return { ...window, framing: { ...framing, x: x ?? found.x, y: y ?? found.y } };
}

/** The length of a scene's clip in frames at the project's rate, also where its file holds a part only. */
export const sourceFramesOf = (original: Pick<TakeRow, 'frames' | 'sourceFrames'>): number =>
  original.sourceFrames ?? original.frames ?? 0;

/** How many frames at the end of the slot the clip doesn't reach: held, or played back and forth. */
export function missingFrames({ window, slotFrames }: Wanted, sourceFrames: number): number {
  return Math.max(0, slotFrames - reachedFrames(sourceFrames, window));
}

/** The frames [from, to) of the clip that a slot shows. */
export function shownFrames(
  { window, slotFrames }: Wanted,
  sourceFrames: number,
): { from: number; to: number } {
  const from = Math.min(window.inFrame, Math.max(0, sourceFrames - 1));
  const last = from + Math.floor((slotFrames - 1) * window.speed + ROUNDING);
  return { from, to: Math.max(from + 1, Math.min(sourceFrames, last + 1)) };
}

/** The frames of an original's own file that a window shows, [from, to). */
export function fileFrames(
  { inFrame, speed }: ClipWindow,
  slotFrames: number,
  original: Pick<TakeRow, 'sourceStart'>,
): [number, number] {
  const from = inFrame - original.sourceStart;
  return [from, from + Math.ceil(slotFrames * speed)];
}

/** The latest in point at which the clip still covers the slot; 0 when it never does. */
export function latestInFrame({ window, slotFrames }: Wanted, sourceFrames: number): number {
  const needed = Math.floor((slotFrames - 1) * window.speed + ROUNDING) + 1;
  return Math.max(0, sourceFrames - needed);
}

/**
 * The window of the part of a slot that begins `frames` later (negative: earlier), which shows what was shown
 * there: to the frame at whole speeds, else to the nearest frame of the clip. An in point outside the clip
 * becomes its first or last frame.
 */
export function movedWindow<Window extends KeptWindow>(
  window: Window,
  frames: number,
  sourceFrames: number,
): Window {
  const inFrame = Math.round(window.inFrame + frames * window.speed);
  return { ...window, inFrame: Math.min(Math.max(0, inFrame), Math.max(0, sourceFrames - 1)) };
}

/** The window and length that show the frames [inFrame, outFrame) of the clip at the window's speed. */
export function trimmedTo(
  window: KeptWindow,
  cut: { inFrame: number; outFrame: number },
): { window: KeptWindow; slotFrames: number } {
  const slotFrames = Math.max(1, Math.round((cut.outFrame - cut.inFrame) / window.speed));
  return { window: { ...window, inFrame: cut.inFrame }, slotFrames };
}

/** Whether a clip has the frame's own shape, so that it lies in it the same however it is framed. */
const hasFrameShape = (clip: Clip, format: Format) =>
  clip.window === null && clip.width === format.width && clip.height === format.height;

/** A framing with what has no effect at its mode as it is by default. */
function seenFraming(framing: Framing, clip: Clip, format: Format): Framing {
  const { mode, background, x, y, scale } = framing;
  const plain = defaultWindow.framing;
  if (mode === 'free') {
    const isWhole = scale === 1 && x === plain.x && y === plain.y;
    return isWhole && hasFrameShape(clip, format) ? plain : framing;
  }
  if (hasFrameShape(clip, format)) return plain;
  return mode === 'fill' ? { ...plain, mode, x, y } : { ...plain, mode, background };
}

const sameFraming = (a: Framing, b: Framing) =>
  a.mode === b.mode && a.background === b.background && a.x === b.x && a.y === b.y && a.scale === b.scale;

/** Whether two windows show the same at every frame of a slot. */
export function sameWindow(a: Wanted, b: Wanted, clip: Clip, format: Format): boolean {
  const { window: one } = a;
  const { window: other } = b;
  const isCovered = missingFrames(a, sourceFramesOf(clip)) === 0;
  return (
    a.slotFrames === b.slotFrames &&
    one.inFrame === other.inFrame &&
    one.speed === other.speed &&
    (one.speed >= 1 || one.blend === other.blend) &&
    (isCovered || one.ending === other.ending) &&
    sameFraming(seenFraming(one.framing, clip, format), seenFraming(other.framing, clip, format))
  );
}

/**
 * Whether a take shows exactly what the scene wants of its original: the original itself, a fitted take or a
 * lip-sync. `take` must have been made from that original.
 */
export function fits(take: TakeRow, wanted: Wanted, original: Clip, format: Format): boolean {
  if (take.frames === null || take.width !== format.width || take.height !== format.height) return false;
  const window =
    take.kind === 'original'
      ? { ...defaultWindow, inFrame: take.sourceStart, framing: (take.window ?? defaultWindow).framing }
      : take.window;
  return window !== null && sameWindow({ window, slotFrames: take.frames }, wanted, original, format);
}

/**
 * Which frames of a lip-sync a scene wants: the frames [first, first + slotFrames) of its file. Null where it
 * has none of them, or shows the clip otherwise. `sync` must have been made from that original.
 */
export function cutOfSync(
  sync: TakeRow,
  wanted: Wanted,
  original: Clip,
  format: Format,
): { first: number } | null {
  const { window: made, frames } = sync;
  if (made === null || frames === null) return null;
  // One of another shape is framed anew: it has what was said, wherever its picture lies.
  const isOtherShape = sync.width !== format.width || sync.height !== format.height;
  const window = isOtherShape ? { ...made, framing: wanted.window.framing } : made;
  const sourceFrames = sourceFramesOf(original);
  const first = Math.round((wanted.window.inFrame - window.inFrame) / window.speed);
  if (first < 0 || first + wanted.slotFrames > frames) return null;
  const cut = { window: movedWindow(window, first, sourceFrames), slotFrames: wanted.slotFrames };
  return sameWindow(cut, wanted, original, format) ? { first } : null;
}

/** Whether a scene's current take still has to be made: what it shows isn't what the scene wants. */
export function isFitting(
  scene: Windowed & Pick<SceneRow, 'slotFrames' | 'originalTake' | 'currentTake'>,
  format: Format,
): boolean {
  const { originalTake, currentTake, slotFrames, lipsyncTake } = scene;
  if (originalTake === null || slotFrames === null) return false;
  if (currentTake === null) return true;
  const wanted = { window: windowOf(scene), slotFrames };
  if (!isOf(currentTake, scene) || !fits(currentTake, wanted, originalTake, format)) return true;
  const isSynced = lipsyncTake !== null && cutOfSync(lipsyncTake, wanted, originalTake, format) !== null;
  return isSynced !== (currentTake.kind === 'lipsynced');
}

/** Whether a take was made of the scene's own clip or lip-sync; a scene may just have been given another clip. */
function isOf(take: TakeRow, scene: Pick<SceneRow, 'originalTake' | 'lipsyncTake'>): boolean {
  const { originalTake, lipsyncTake } = scene;
  if (take.kind !== 'lipsynced') return take.id === originalTake?.id || take.parentId === originalTake?.id;
  return take.id === lipsyncTake?.id || take.parentId === lipsyncTake?.id;
}
