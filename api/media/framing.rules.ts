import type { Format } from '../contract/format.schema';
import type { Framing } from '../contract/window.schema';

export type Size = { width: number; height: number };
export type Rectangle = Size & { x: number; y: number };

/** How a source's picture gets into the frame, in whole pixels; what is cropped and where it lies is even. */
export type Placement = {
  /** Part of the source's picture, as shown, that is worked on; null: all of it. */
  source: Rectangle | null;
  /** Size that this part is scaled to. */
  scaled: Size;
  /** Part of the scaled picture that is seen. */
  crop: Rectangle;
  /** Where the seen part lies in the frame. */
  at: { x: number; y: number };
  /** Whether it covers all of the frame, so that no background is seen. */
  covers: boolean;
};

/** A scaled picture may have this many times the frame's pixels before only a part of the source is scaled. */
const mostScaledAreas = 4;
/** Source pixels beyond the seen part that the scaler's curve looks at. */
const margin = 4;

const clamp = (value: number, least: number, most: number) => Math.max(least, Math.min(most, value));
/** 4:2:0 pictures have one colour for two by two pixels: places and sizes are even. */
const even = (value: number) => 2 * Math.round(value / 2);

/**
 * Pure: where the picture of a source (its size as shown: turned, square pixels) lies in the frame.
 * What is shown is less than two pixels off, as places and sizes are even.
 */
export function placePicture(source: Size, format: Format, framing: Framing): Placement {
  const [wide, high] = [format.width / source.width, format.height / source.height];
  const scale = {
    fill: Math.max(wide, high),
    fit: Math.min(wide, high),
    free: Math.min(wide, high) * framing.scale,
  }[framing.mode];
  const across = placeSide(source.width, format.width, scale, framing.x, framing.mode);
  const down = placeSide(source.height, format.height, scale, framing.y, framing.mode);
  const seen = { x: across.cropAt, y: down.cropAt, width: across.seen, height: down.seen };
  const placed = {
    at: { x: across.at, y: down.at },
    covers: across.seen === format.width && down.seen === format.height,
  };
  if (across.size * down.size <= mostScaledAreas * format.width * format.height) {
    return { source: null, scaled: { width: across.size, height: down.size }, crop: seen, ...placed };
  }
  const part = { across: partOf(across, source.width), down: partOf(down, source.height) };
  return {
    source: {
      x: part.across.from,
      y: part.down.from,
      width: part.across.length,
      height: part.down.length,
    },
    scaled: { width: part.across.scaled, height: part.down.scaled },
    crop: { ...seen, x: part.across.cropAt, y: part.down.cropAt },
    ...placed,
  };
}

type Side = {
  /** The whole side after scaling. */
  size: number;
  /** First pixel of it that is seen, and how many are. */
  cropAt: number;
  seen: number;
  /** Where they begin in the frame. */
  at: number;
};

function placeSide(
  length: number,
  frame: number,
  scale: number,
  middle: number,
  mode: Framing['mode'],
): Side {
  const rounded = Math.max(2, even(length * scale));
  const size =
    mode === 'fill' ? Math.max(frame, rounded) : mode === 'fit' ? Math.min(frame, rounded) : rounded;
  const wanted = mode === 'fit' ? (frame - size) / 2 : frame / 2 - middle * size;
  const start = even(mode === 'fill' ? clamp(wanted, frame - size, 0) : wanted);
  const from = Math.max(0, start);
  // A picture of two pixels at the very edge must still be seen.
  const at = Math.min(from, frame - 2);
  const cropAt = clamp(-start, 0, size - 2);
  return { size, cropAt, seen: Math.min(frame - at, size - cropAt), at };
}

/** The part of a source's side that the seen pixels come from, and what of it is seen once it is scaled. */
function partOf(
  side: Side,
  length: number,
): { from: number; length: number; scaled: number; cropAt: number } {
  const scale = side.size / length;
  const from = clamp(2 * Math.floor((side.cropAt / scale - margin) / 2), 0, Math.max(0, length - 2));
  const end = Math.min(length, 2 * Math.ceil(((side.cropAt + side.seen) / scale + margin) / 2));
  const taken = Math.max(1, end - from);
  const scaled = Math.max(side.seen, Math.round(taken * scale));
  const seenFrom = (side.cropAt / scale - from) * (scaled / taken);
  // The last even place that leaves enough to be seen.
  const most = 2 * Math.floor((scaled - side.seen) / 2);
  return { from, length: taken, scaled, cropAt: clamp(even(seenFrom), 0, most) };
}

/**
 * The size of an original: the format where the source has its shape, else the source's own shape, even,
 * never enlarged, no side longer than the format's longer one.
 */
export function originalSize(source: Size, format: Format): Size {
  const wide = Math.min(format.width / source.width, format.height / source.height);
  const fits =
    Math.abs(source.width * wide - format.width) <= 1 && Math.abs(source.height * wide - format.height) <= 1;
  if (fits) return { width: format.width, height: format.height };
  const longest = Math.max(format.width, format.height);
  const scale = Math.min(1, longest / Math.max(source.width, source.height));
  const side = (length: number) => Math.max(16, even(length * scale));
  return { width: side(source.width), height: side(source.height) };
}
