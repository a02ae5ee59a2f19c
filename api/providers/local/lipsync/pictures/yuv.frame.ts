/** One picture of 8-bit 4:2:0 planes in one buffer, as ffmpeg's rawvideo yuv420p lays it out. */
export type YuvFrame = {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
  readonly y: Uint8Array;
  readonly u: Uint8Array;
  readonly v: Uint8Array;
};

/** One colour of limited-range YUV, or a sum of them. */
export type Yuv = { y: number; u: number; v: number };

/** A rectangle of whole pixels; all four numbers are even, so that it fits the chroma planes too. */
export type Box = { x: number; y: number; width: number; height: number };

export function yuvBytes(width: number, height: number): number {
  return width * height + 2 * (width >> 1) * (height >> 1);
}

/** Views the planes of a buffer; width and height are even. */
export function yuvFrame(width: number, height: number, data: Uint8Array): YuvFrame {
  const luma = width * height;
  const chroma = (width >> 1) * (height >> 1);
  return {
    width,
    height,
    data,
    y: data.subarray(0, luma),
    u: data.subarray(luma, luma + chroma),
    v: data.subarray(luma + chroma, luma + 2 * chroma),
  };
}

/** The smallest box of even numbers around the given edges, cut to the picture. */
export function evenBox(
  left: number,
  top: number,
  right: number,
  bottom: number,
  picture: { width: number; height: number },
): Box {
  const x = Math.max(0, Math.floor(left / 2) * 2);
  const y = Math.max(0, Math.floor(top / 2) * 2);
  const x1 = Math.min(picture.width, Math.ceil(right / 2) * 2);
  const y1 = Math.min(picture.height, Math.ceil(bottom / 2) * 2);
  return { x, y, width: Math.max(0, x1 - x), height: Math.max(0, y1 - y) };
}

/** A copy of one box of a picture, a small picture of its own. */
export function copyBox(frame: YuvFrame, box: Box, data?: Uint8Array): YuvFrame {
  const bytes = yuvBytes(box.width, box.height);
  const copy = yuvFrame(box.width, box.height, data ? data.subarray(0, bytes) : new Uint8Array(bytes));
  copyPlane(frame.y, frame.width, copy.y, box.x, box.y, box.width, box.height);
  const [x, y, w, h] = [box.x >> 1, box.y >> 1, box.width >> 1, box.height >> 1];
  copyPlane(frame.u, frame.width >> 1, copy.u, x, y, w, h);
  copyPlane(frame.v, frame.width >> 1, copy.v, x, y, w, h);
  return copy;
}

function copyPlane(
  from: Uint8Array,
  stride: number,
  to: Uint8Array,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  for (let row = 0; row < height; row++) {
    const start = (y + row) * stride + x;
    to.set(from.subarray(start, start + width), row * width);
  }
}
