import type { YuvFrame } from '../pixels/yuv.frame';
import type { Plane } from './triangle.warp';

/** The luma plane, and both chroma planes as one, of a picture whose corner lies at (originX, originY). */
export function planesOf(frame: YuvFrame, originX: number, originY: number): { luma: Plane; chroma: Plane } {
  const { width, height } = frame;
  return {
    luma: { data: frame.y, width, height, originX, originY, scale: 1 },
    chroma: {
      data: frame.u,
      second: frame.v,
      width: width >> 1,
      height: height >> 1,
      originX,
      originY,
      scale: 0.5,
    },
  };
}
