import { type MessagePort, parentPort } from 'node:worker_threads';
import { errorMessage } from '../../../../shared/errors';
import type { Detection } from './blazeface.decode';
import { createFaceDetector } from './blazeface.model';
import { createMeshReader } from './facemesh.model';
import { loadFaceModel, startTensorRuntime } from './tensor.runtime';

/** The thread that computes both face models: squares of RGB pixels (0..255) in, numbers out. */
export type ModelName = 'blazeface' | 'facemesh';
export type FaceQuestion = { id: number; model: ModelName; pixels: Float32Array<ArrayBuffer> };
/** The pixels go back with the answer, to be filled again. */
export type FaceAnswer =
  | { kind: 'ready' }
  | { kind: 'failed'; id: number; message: string }
  | {
      kind: 'detections';
      id: number;
      model: ModelName;
      pixels: Float32Array<ArrayBuffer>;
      found: Detection[];
    }
  | {
      kind: 'mesh';
      id: number;
      model: ModelName;
      pixels: Float32Array<ArrayBuffer>;
      flag: number;
      coordinates: Float32Array;
    };

type Models = {
  detect(pixels: Float32Array): Promise<Detection[]>;
  read(pixels: Float32Array): Promise<{ flag: number; coordinates: Float32Array }>;
};

async function loadModels(): Promise<Models> {
  await startTensorRuntime();
  const [detector, mesh] = await Promise.all([loadFaceModel('blazeface'), loadFaceModel('facemesh')]);
  return { detect: createFaceDetector(detector), read: createMeshReader(mesh) };
}

async function answer({ id, model, pixels }: FaceQuestion, models: Models): Promise<FaceAnswer> {
  if (model === 'blazeface') {
    return { kind: 'detections', id, model, pixels, found: await models.detect(pixels) };
  }
  return { kind: 'mesh', id, model, pixels, ...(await models.read(pixels)) };
}

function listen(port: MessagePort): void {
  const loading = loadModels();
  loading.then(
    () => port.postMessage({ kind: 'ready' } satisfies FaceAnswer),
    // Every question is told of the failure.
    () => undefined,
  );
  port.on('message', async (question: FaceQuestion) => {
    try {
      port.postMessage(await answer(question, await loading), [question.pixels.buffer]);
    } catch (error) {
      const message = errorMessage(error);
      port.postMessage({ kind: 'failed', id: question.id, message } satisfies FaceAnswer);
    }
  });
}

if (parentPort) listen(parentPort);
