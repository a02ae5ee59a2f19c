import { dirname, join } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { type GraphModel, loadGraphModel } from '@tensorflow/tfjs-converter';
import { dispose, ready, setBackend, type Tensor, tensor4d } from '@tensorflow/tfjs-core';
import * as v from 'valibot';
import { VERTEX_COUNT } from './face.mesh';
import { DETECTOR_SIDE, type Detection, decodeDetections, MESH_SIDE } from './model.outputs';

const ModelFileSchema = v.looseObject({
  modelTopology: v.looseObject({}),
  weightsManifest: v.tupleWithRest(
    [
      v.looseObject({
        weights: v.array(
          v.looseObject({
            name: v.string(),
            shape: v.array(v.number()),
            dtype: v.picklist(['float32', 'int32', 'bool', 'string', 'complex64']),
          }),
        ),
      }),
    ],
    v.unknown(),
  ),
});

/** Starts TensorFlow's WebAssembly backend of this process. Call it once before loading models. */
export async function startTensorRuntime(): Promise<void> {
  setWasmPaths(`${packageDirectory('@tensorflow/tfjs-backend-wasm')}/dist/`);
  if (!(await setBackend('wasm'))) throw new Error('TensorFlow.js could not start its WebAssembly backend.');
  await ready();
}

/** Loads one of the face models that the package `@vladmandic/human` ships (MIT). */
export async function loadFaceModel(name: 'blazeface' | 'facemesh'): Promise<GraphModel> {
  // Its `exports` map names files that don't exist, so its files are found by path.
  const folder = join(packageDirectory('@vladmandic/human'), 'models');
  const [description, weightData] = await Promise.all([
    Bun.file(join(folder, `${name}.json`)).json(),
    Bun.file(join(folder, `${name}.bin`)).arrayBuffer(),
  ]);
  const parsed = v.parse(ModelFileSchema, description);
  return loadGraphModel({
    load: async () => ({
      modelTopology: parsed.modelTopology,
      weightSpecs: parsed.weightsManifest[0].weights,
      weightData,
    }),
  });
}

function packageDirectory(name: string): string {
  return dirname(Bun.resolveSync(`${name}/package.json`, import.meta.dir));
}

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
