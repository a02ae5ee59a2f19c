import type { Framing } from '#contract/window.schema';

type Size = { width: number; height: number };

/**
 * Where a clip's picture lies in the frame, as CSS of an element in a box of the frame's shape: what the
 * studio renders, but for its whole pixels (api/media/framing.rules.ts).
 */
export function framedStyle(clip: Size, frame: Size, framing: Framing): string {
  const [wide, high] = [frame.width / clip.width, frame.height / clip.height];
  const { mode } = framing;
  const fit = Math.min(wide, high);
  const scale = mode === 'fill' ? Math.max(wide, high) : mode === 'fit' ? fit : fit * framing.scale;
  const across = side((clip.width * scale) / frame.width, mode, framing.x);
  const down = side((clip.height * scale) / frame.height, mode, framing.y);
  return `left: ${across.at}%; top: ${down.at}%; width: ${across.size}%; height: ${down.size}%`;
}

/** One side, in hundredths of the frame's. */
function side(share: number, mode: Framing['mode'], middle: number): { at: number; size: number } {
  const size = share * 100;
  const wanted = mode === 'fit' ? (100 - size) / 2 : 50 - middle * size;
  const at = mode === 'fill' ? Math.min(0, Math.max(100 - size, wanted)) : wanted;
  return { at, size };
}
