import type { GraphModel } from '@tensorflow/tfjs-converter';
import { dispose, type Tensor, tensor4d } from '@tensorflow/tfjs-core';
import { type Region, sampleRegion } from '../pixels/crop.sampler';
import type { YuvFrame } from '../pixels/yuv.frame';
import { type Detection, decodeDetections } from './blazeface.decode';

const SIDE = 256;

/** Finds faces in a square of a picture; results are in the picture's pixels. */
export type FaceDetector = (frame: YuvFrame, square: Region) => Promise<Detection[]>;

export function createFaceDetector(model: GraphModel): FaceDetector {
  const pixels = new Float32Array(SIDE * SIDE * 3);
  return async (frame, square) => {
    sampleRegion(frame, square, SIDE, pixels);
    for (let i = 0; i < pixels.length; i++) pixels[i] = (pixels[i] ?? 0) / 127.5 - 1;
    const input = tensor4d(pixels, [1, SIDE, SIDE, 3]);
    const outputs = listed(model.execute(input));
    try {
      // Four outputs: scores (last dimension 1) and boxes (16) of the 512 fine and 384 coarse anchors.
      const read = async (rows: number, columns: number): Promise<Float32Array> => {
        const tensor = outputs.find(({ shape }) => shape[1] === rows && shape[2] === columns);
        if (!tensor) throw new Error('The face detector has another shape than expected.');
        return Float32Array.from(await tensor.data());
      };
      return decodeDetections(
        [await read(512, 1), await read(384, 1)],
        [await read(512, 16), await read(384, 16)],
      ).map((found) => toPicture(found, square));
    } finally {
      dispose([input, ...outputs]);
    }
  };
}

function toPicture(found: Detection, square: Region): Detection {
  const left = square.x - square.size / 2;
  const top = square.y - square.size / 2;
  return {
    ...found,
    x: left + found.x * square.size,
    y: top + found.y * square.size,
    size: found.size * square.size,
  };
}

function listed(output: Tensor | Tensor[]): Tensor[] {
  return Array.isArray(output) ? output : [output];
}
