import type { Format } from '#contract/format.schema';
import type { Scene } from '#contract/scene.schema';
import type { ChangeWindow, ClipWindow, Framing } from '#contract/window.schema';

/** Frames of the slot that the clip reaches at a window; as api/shared/frames.ts has it. */
export const reachedFrames = (sourceFrames: number, { inFrame, speed }: ClipWindow): number =>
  Math.max(1, Math.ceil((sourceFrames - inFrame) / speed - 1e-6));

export type Box = { left: number; top: number; width: number; height: number };

/** Where a clip's picture lies in the frame, as shares of the frame's width and height. */
export function pictureBox(
  source: { width: number; height: number },
  frame: Pick<Format, 'width' | 'height'>,
  { mode, x, y, scale }: Framing,
): Box {
  const [wide, high] = [frame.width / source.width, frame.height / source.height];
  const size = mode === 'fill' ? Math.max(wide, high) : Math.min(wide, high) * (mode === 'free' ? scale : 1);
  const width = (source.width * size) / frame.width;
  const height = (source.height * size) / frame.height;
  return { left: edge(width, x, mode), top: edge(height, y, mode), width, height };
}

function edge(side: number, middle: number, mode: Framing['mode']): number {
  if (mode === 'fit') return (1 - side) / 2;
  const at = 0.5 - middle * side;
  return mode === 'free' ? at : Math.max(1 - side, Math.min(0, at));
}

/** A framing whose picture was moved by shares of the frame; a filling picture keeps covering the frame. */
export function movedFraming(framing: Framing, box: Box, by: { x: number; y: number }): Framing {
  const along = (middle: number, side: number, share: number) => {
    const reach = framing.mode === 'fill' ? Math.min(0.5, 0.5 / side) : 0;
    // Where it covers the frame exactly there is nothing to move.
    if (framing.mode === 'fill' && side <= 1 + 1e-6) return middle;
    return rounded(Math.max(reach, Math.min(1 - reach, middle - share / side)));
  };
  return { ...framing, x: along(framing.x, box.width, by.x), y: along(framing.y, box.height, by.y) };
}

const rounded = (share: number) => Math.round(share * 10_000) / 10_000;

/** Whether a filling picture reaches over the frame's edge, so that there is something to choose. */
export const canMove = ({ width, height }: Box): boolean => width > 1.002 || height > 1.002;

/** The speed at which the rest of a clip fills a slot, rounded so that it does; as slow as half at most. */
export function fillingSpeed(slotFrames: number, sourceFrames: number, { inFrame }: ClipWindow): number {
  const exact = Math.floor(((sourceFrames - inFrame) / slotFrames) * 1000) / 1000;
  return Math.max(SLOWEST_REMEDY, Math.min(1, exact));
}
/** What is slower than this is seen to be slow. */
const SLOWEST_REMEDY = 0.5;

/** A scene as it is with a change that is on its way. */
export function withDraft(scene: Scene, change: ChangeWindow): Scene {
  const window = changed(scene, change);
  const { sourceFrames, slotFrames } = scene;
  const missingFrames =
    sourceFrames === null || slotFrames === null
      ? 0
      : Math.max(0, slotFrames - reachedFrames(sourceFrames, window));
  return { ...scene, window, missingFrames, fitting: scene.originalTake !== null };
}

function changed({ window, faceMiddle }: Scene, change: ChangeWindow): ClipWindow {
  const { inFrame, speed, blend, ending, framing = {} } = change;
  const now = window.framing;
  // What is no longer chosen by hand goes to where the face is.
  const place = (axis: 'x' | 'y') => {
    const chosen = framing[axis];
    return chosen === null ? (faceMiddle?.[axis] ?? 0.5) : (chosen ?? now[axis]);
  };
  return {
    inFrame: inFrame ?? window.inFrame,
    speed: speed ?? window.speed,
    blend: blend ?? window.blend,
    ending: ending ?? window.ending,
    framing: {
      mode: framing.mode ?? now.mode,
      background: framing.background ?? now.background,
      x: place('x'),
      y: place('y'),
      scale: framing.scale ?? now.scale,
    },
  };
}
