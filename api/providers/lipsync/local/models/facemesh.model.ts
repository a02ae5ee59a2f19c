import type { GraphModel } from '@tensorflow/tfjs-converter';
import { dispose, tensor4d } from '@tensorflow/tfjs-core';
import { VERTEX_COUNT } from '../mesh/face.mesh';
import { type Region, sampleRegion } from '../pixels/crop.sampler';
import type { YuvFrame } from '../pixels/yuv.frame';

const SIDE = 192;

/** Face flag 0..1 and the mesh as (x, y, z) triples in the picture's pixels. */
export type MeshReading = { flag: number; mesh: Float32Array };

/** Reads the face mesh inside a turned square of a picture. */
export type MeshReader = (frame: YuvFrame, region: Region) => Promise<MeshReading>;

export function createMeshReader(model: GraphModel): MeshReader {
  const pixels = new Float32Array(SIDE * SIDE * 3);
  return async (frame, region) => {
    sampleRegion(frame, region, SIDE, pixels);
    for (let i = 0; i < pixels.length; i++) pixels[i] = (pixels[i] ?? 0) / 255;
    const input = tensor4d(pixels, [1, SIDE, SIDE, 3]);
    // Only the flag and the coordinates: the third output would cost another millisecond.
    const output = model.execute(input, ['Identity_1:0', 'Identity_2:0']);
    const tensors = Array.isArray(output) ? output : [output];
    try {
      const [flag, coordinates] = await Promise.all(tensors.map((tensor) => tensor.data()));
      if (!flag || coordinates?.length !== VERTEX_COUNT * 3) {
        throw new Error('The face mesh model has another shape than expected.');
      }
      return {
        // Already 0..1: the model ends with the sigmoid.
        flag: flag[0] ?? 0,
        mesh: toPicture(Float32Array.from(coordinates), region),
      };
    } finally {
      dispose([input, ...tensors]);
    }
  };
}

/** From the model's 192² square back into the picture; z keeps the scale of x and y. */
export function toPicture(coordinates: Float32Array, region: Region): Float32Array {
  const scale = region.size / SIDE;
  const cos = Math.cos(region.angle);
  const sin = Math.sin(region.angle);
  for (let i = 0; i < coordinates.length; i += 3) {
    const dx = ((coordinates[i] ?? 0) - SIDE / 2) * scale;
    const dy = ((coordinates[i + 1] ?? 0) - SIDE / 2) * scale;
    coordinates[i] = region.x + dx * cos - dy * sin;
    coordinates[i + 1] = region.y + dx * sin + dy * cos;
    coordinates[i + 2] = (coordinates[i + 2] ?? 0) * scale;
  }
  return coordinates;
}
