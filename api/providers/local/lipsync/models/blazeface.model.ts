import type { GraphModel } from '@tensorflow/tfjs-converter';
import { dispose, type Tensor, tensor4d } from '@tensorflow/tfjs-core';
import { type Detection, decodeDetections } from './blazeface.decode';

/** Side of the square that the model reads, in pixels. */
export const DETECTOR_SIDE = 256;

/** Finds faces in DETECTOR_SIDE² RGB triples of 0..255, in units of the square; overwrites them. */
export function createFaceDetector(model: GraphModel): (pixels: Float32Array) => Promise<Detection[]> {
  return async (pixels) => {
    for (let i = 0; i < pixels.length; i++) pixels[i] = (pixels[i] ?? 0) / 127.5 - 1;
    const input = tensor4d(pixels, [1, DETECTOR_SIDE, DETECTOR_SIDE, 3]);
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
      );
    } finally {
      dispose([input, ...outputs]);
    }
  };
}

function listed(output: Tensor | Tensor[]): Tensor[] {
  return Array.isArray(output) ? output : [output];
}
