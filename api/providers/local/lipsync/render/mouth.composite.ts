import type { Box, YuvFrame } from '../pictures/yuv.frame';
import type { MouthLayer } from './mouth.layer';

/**
 * Lays the mouth over the frame at `box`. Before, each plane of the layer is shifted by the mean
 * difference to the frame in the half-seen skin around the lips, so that light which changed
 * between the two frames leaves no seam.
 */
export function compositeMouth(frame: YuvFrame, box: Box, layer: MouthLayer, strength: number): void {
  const half = { x: box.x >> 1, y: box.y >> 1, width: box.width >> 1, height: box.height >> 1 };
  blendPlane(frame.y, frame.width, box, layer.picture.y, layer.alpha, strength);
  blendPlane(frame.u, frame.width >> 1, half, layer.picture.u, layer.chromaAlpha, strength);
  blendPlane(frame.v, frame.width >> 1, half, layer.picture.v, layer.chromaAlpha, strength);
}

/** Below and above these shares a pixel is all frame or all mouth, and tells nothing of the other. */
const HARDLY_SEEN = 0.02;
const WHOLLY_SEEN = 0.98;

function blendPlane(
  target: Uint8Array,
  stride: number,
  box: Box,
  layer: Uint8Array,
  alpha: Float32Array,
  strength: number,
): void {
  const offset = ringOffset(target, stride, box, layer, alpha);
  for (let row = 0; row < box.height; row++) {
    let out = (box.y + row) * stride + box.x;
    let at = row * box.width;
    for (let column = 0; column < box.width; column++, out++, at++) {
      const share = (alpha[at] ?? 0) * strength;
      if (share <= 0) continue;
      const own = target[out] ?? 0;
      const value = own + ((layer[at] ?? 0) + offset - own) * share + 0.5;
      target[out] = value < 0 ? 0 : Math.min(255, value);
    }
  }
}

/** The mean of frame minus layer where both are seen, weighted towards half and half. */
export function ringOffset(
  target: Uint8Array,
  stride: number,
  box: Box,
  layer: Uint8Array,
  alpha: Float32Array,
): number {
  let sum = 0;
  let total = 0;
  for (let row = 0; row < box.height; row++) {
    for (let column = 0; column < box.width; column++) {
      const at = row * box.width + column;
      const seen = alpha[at] ?? 0;
      if (seen <= HARDLY_SEEN || seen >= WHOLLY_SEEN) continue;
      const weight = seen * (1 - seen);
      sum += weight * ((target[(box.y + row) * stride + box.x + column] ?? 0) - (layer[at] ?? 0));
      total += weight;
    }
  }
  return total > 0 ? sum / total : 0;
}
