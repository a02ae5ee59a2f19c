import { defaultWindow, type Framing } from '../contract/window.schema';

type Size = { width: number; height: number };
type Box = Size & { x: number; y: number };

/**
 * How a clip that was rendered for a frame of another shape lies in the new one, so that it shows what the
 * original would show there. Where the old frame doesn't hold all of that, the new one is filled from it, as near
 * to the wanted place as it has it.
 * @param was how the original lay in the old frame
 * @param wanted how it is to lie in the new one
 */
export function reframed(
  original: Size,
  from: { frame: Size; was: Framing },
  to: { frame: Size; wanted: Framing },
): Framing {
  const { frame, was } = from;
  const lay = pictureIn(original, frame, was);
  const lies = pictureIn(original, to.frame, to.wanted);
  // The new frame, seen in pixels of the original, and from there in pixels of the old frame.
  const scale = lay.width / lies.width;
  const view = {
    x: lay.x - lies.x * scale,
    y: lay.y - lies.y * scale,
    width: to.frame.width * scale,
    height: to.frame.height * scale,
  };
  const middle = {
    x: (view.x + view.width / 2) / frame.width,
    y: (view.y + view.height / 2) / frame.height,
  };
  if (to.wanted.mode === 'fill' && !holds(frame, view)) {
    return { ...defaultWindow.framing, x: share(middle.x), y: share(middle.y) };
  }
  const { background } = to.wanted;
  const fit = Math.min(to.frame.width / frame.width, to.frame.height / frame.height);
  return { mode: 'free', background, ...middle, scale: 1 / scale / fit };
}

/** A view within this share of the frame's edge counts as inside: sizes are even numbers. */
const EDGE = 0.004;

const holds = (frame: Size, view: Box) =>
  view.x >= -EDGE * frame.width &&
  view.y >= -EDGE * frame.height &&
  view.x + view.width <= (1 + EDGE) * frame.width &&
  view.y + view.height <= (1 + EDGE) * frame.height;

const share = (value: number) => Math.max(0, Math.min(1, value));

/** Where a picture lies in a frame, in its pixels. */
function pictureIn(source: Size, frame: Size, { mode, x, y, scale }: Framing): Box {
  const [wide, high] = [frame.width / source.width, frame.height / source.height];
  const size = mode === 'fill' ? Math.max(wide, high) : Math.min(wide, high) * (mode === 'free' ? scale : 1);
  const [width, height] = [source.width * size, source.height * size];
  return {
    x: edge(frame.width, width, x, mode),
    y: edge(frame.height, height, y, mode),
    width,
    height,
  };
}

function edge(frame: number, side: number, middle: number, mode: Framing['mode']): number {
  if (mode === 'fit') return (frame - side) / 2;
  const at = frame / 2 - middle * side;
  return mode === 'free' ? at : Math.max(frame - side, Math.min(0, at));
}
