import type { GraphModel } from '@tensorflow/tfjs-converter';
import { dispose, tensor4d } from '@tensorflow/tfjs-core';
import { VERTEX_COUNT } from '../mesh/face.mesh';
import type { Region } from '../pixels/crop.sampler';

/** Side of the square that the model reads, in pixels. */
export const MESH_SIDE = 192;

/** Face flag 0..1, and (x, y, z) triples in the pixels of the model's square. */
export type RawMesh = { flag: number; coordinates: Float32Array };

/** Reads the mesh out of MESH_SIDE² RGB triples of 0..255; overwrites them. */
export function createMeshReader(model: GraphModel): (pixels: Float32Array) => Promise<RawMesh> {
  return async (pixels) => {
    for (let i = 0; i < pixels.length; i++) pixels[i] = (pixels[i] ?? 0) / 255;
    const input = tensor4d(pixels, [1, MESH_SIDE, MESH_SIDE, 3]);
    // Only the flag and the coordinates: the third output would cost another millisecond.
    const output = model.execute(input, ['Identity_1:0', 'Identity_2:0']);
    const tensors = Array.isArray(output) ? output : [output];
    try {
      const [flag, coordinates] = await Promise.all(tensors.map((tensor) => tensor.data()));
      if (!flag || coordinates?.length !== VERTEX_COUNT * 3) {
        throw new Error('The face mesh model has another shape than expected.');
      }
      // The flag is 0..1 already: the model ends with the sigmoid.
      return { flag: flag[0] ?? 0, coordinates: Float32Array.from(coordinates) };
    } finally {
      dispose([input, ...tensors]);
    }
  };
}

/** From the model's square back into the picture; z keeps the scale of x and y. */
export function toPicture(coordinates: Float32Array, region: Region): Float32Array {
  const scale = region.size / MESH_SIDE;
  const cos = Math.cos(region.angle);
  const sin = Math.sin(region.angle);
  for (let i = 0; i < coordinates.length; i += 3) {
    const dx = ((coordinates[i] ?? 0) - MESH_SIDE / 2) * scale;
    const dy = ((coordinates[i + 1] ?? 0) - MESH_SIDE / 2) * scale;
    coordinates[i] = region.x + dx * cos - dy * sin;
    coordinates[i + 1] = region.y + dx * sin + dy * cos;
    coordinates[i + 2] = (coordinates[i + 2] ?? 0) * scale;
  }
  return coordinates;
}
