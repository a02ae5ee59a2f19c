import { dirname, join } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import type { GraphModel } from '@tensorflow/tfjs-converter';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import * as v from 'valibot';

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
