import { answerCalls } from '../thread.calls';
import { createFaceDetector, createMeshReader, loadFaceModel, startTensorRuntime } from './face.networks';
import type { Detection } from './model.outputs';

/** The thread that computes both face models: squares of RGB pixels (0..255) in, numbers out. */
export type ModelName = 'blazeface' | 'facemesh';
export type FaceQuestion =
  | { kind: 'load' }
  | { kind: 'ask'; model: ModelName; pixels: Float32Array<ArrayBuffer> };
/** The pixels go back with the answer, to be filled again. */
export type FaceAnswer =
  | { kind: 'loaded' }
  | { kind: 'detections'; pixels: Float32Array<ArrayBuffer>; found: Detection[] }
  | { kind: 'mesh'; pixels: Float32Array<ArrayBuffer>; flag: number; coordinates: Float32Array };

async function loadModels() {
  await startTensorRuntime();
  const [detector, mesh] = await Promise.all([loadFaceModel('blazeface'), loadFaceModel('facemesh')]);
  return { detect: createFaceDetector(detector), read: createMeshReader(mesh) };
}

let loading: ReturnType<typeof loadModels> | undefined;

answerCalls<FaceQuestion, FaceAnswer>(async (question) => {
  loading ??= loadModels();
  const models = await loading;
  if (question.kind === 'load') return { answer: { kind: 'loaded' }, moved: [] };
  const { model, pixels } = question;
  const moved = [pixels.buffer];
  if (model === 'blazeface') {
    return { answer: { kind: 'detections', pixels, found: await models.detect(pixels) }, moved };
  }
  return { answer: { kind: 'mesh', pixels, ...(await models.read(pixels)) }, moved };
});
