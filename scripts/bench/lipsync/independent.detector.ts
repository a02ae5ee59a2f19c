import { dirname, join } from 'node:path';
import * as wasm from '@tensorflow/tfjs-backend-wasm';
import * as tensors from '@tensorflow/tfjs-core';
// face-api calls operations as methods of tensors.
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import { plugin } from 'bun';
import { sampleRegion } from '../../../api/providers/local/lipsync/pictures/crop.sampler';
import type { YuvFrame } from '../../../api/providers/local/lipsync/pictures/yuv.frame';

/** A point in pixels of the picture. */
export type Point = { x: number; y: number };
/** A square of the picture that holds a face: centre and side in pixels. */
export type FaceSquare = { x: number; y: number; size: number };

/** Another face model than the engine's: 68 points, trained on other pictures by other people. */
export type IndependentDetector = {
  /** The largest face's square, or null. */
  findFace(frame: YuvFrame): Promise<FaceSquare | null>;
  /** The 68 points of the face in a square. */
  readPoints(frame: YuvFrame, square: FaceSquare): Promise<Point[]>;
};

const SEARCH_SIDE = 416;
const READ_SIDE = 112;

/** The little of face-api that is used here; its own types need packages that aren't installed. */
type FaceApi = {
  TinyFaceDetectorOptions: new (options: { inputSize: number }) => unknown;
  nets: {
    tinyFaceDetector: Net & { locateFaces(input: unknown, options: unknown): Promise<Located[]> };
    faceLandmark68Net: Net & { detectLandmarks(input: unknown): Promise<{ positions: Point[] }> };
  };
};
type Net = { loadFromWeightMap(weights: tensors.NamedTensorMap): void };
type Located = { score: number; box: { x: number; y: number; width: number; height: number } };

/** Loads `@vladmandic/face-api` on the WebAssembly backend of this process. */
export async function loadIndependentDetector(): Promise<IndependentDetector> {
  const api = await importFaceApi();
  const { tinyFaceDetector, faceLandmark68Net } = api.nets;
  await loadWeights(tinyFaceDetector, 'tiny_face_detector_model');
  await loadWeights(faceLandmark68Net, 'face_landmark_68_model');
  const options = new api.TinyFaceDetectorOptions({ inputSize: SEARCH_SIDE });
  return {
    async findFace(frame) {
      const size = Math.max(frame.width, frame.height);
      const input = sample(frame, { x: frame.width / 2, y: frame.height / 2, size }, SEARCH_SIDE);
      try {
        const found = await tinyFaceDetector.locateFaces(input, options);
        const best = found.sort((a, b) => b.box.width * b.score - a.box.width * a.score)[0];
        if (!best) return null;
        const scale = size / SEARCH_SIDE;
        return {
          x: frame.width / 2 + (best.box.x + best.box.width / 2 - SEARCH_SIDE / 2) * scale,
          y: frame.height / 2 + (best.box.y + best.box.height / 2 - SEARCH_SIDE / 2) * scale,
          size: Math.max(best.box.width, best.box.height) * scale,
        };
      } finally {
        input.dispose();
      }
    },
    async readPoints(frame, square) {
      const input = sample(frame, square, READ_SIDE);
      try {
        const { positions } = await faceLandmark68Net.detectLandmarks(input);
        const scale = square.size / READ_SIDE;
        return positions.map(({ x, y }) => ({
          x: square.x + (x - READ_SIDE / 2) * scale,
          y: square.y + (y - READ_SIDE / 2) * scale,
        }));
      } finally {
        input.dispose();
      }
    },
  };
}

/** The gap between the inner lips in units of the outer eye corners' distance. */
export function apertureOf(points: readonly Point[]): number {
  const between = (a: number, b: number): number => {
    const from = points[a] ?? { x: 0, y: 0 };
    const to = points[b] ?? { x: 0, y: 0 };
    return Math.hypot(to.x - from.x, to.y - from.y);
  };
  return (between(61, 67) + between(62, 66) + between(63, 65)) / 3 / Math.max(1, between(36, 45));
}

function sample(frame: YuvFrame, square: FaceSquare, side: number): tensors.Tensor3D {
  const pixels = new Float32Array(side * side * 3);
  sampleRegion(frame, { ...square, angle: 0 }, side, pixels);
  return tensors.tensor3d(pixels, [side, side, 3]);
}

async function importFaceApi(): Promise<FaceApi> {
  wasm.setWasmPaths(`${folderOf('@tensorflow/tfjs-backend-wasm')}/dist/`);
  await tensors.setBackend('wasm');
  await tensors.ready();
  // face-api wants all of TensorFlow.js; it uses what the two installed packages have.
  plugin({
    name: 'face-api-on-small-tensorflow',
    setup(build) {
      build.module('@tensorflow/tfjs/dist/index.js', () => ({ exports: { ...tensors }, loader: 'object' }));
      build.module('@tensorflow/tfjs-backend-wasm/dist/index.js', () => ({
        exports: { ...wasm },
        loader: 'object',
      }));
      build.module('@tensorflow/tfjs-backend-webgl/dist/index.js', () => ({ exports: {}, loader: 'object' }));
    },
  });
  const path = join(folderOf('@vladmandic/face-api'), 'dist/face-api.esm-nobundle.js');
  const loaded: FaceApi = await import(path);
  return loaded;
}

async function loadWeights(net: Net, name: string): Promise<void> {
  const folder = join(folderOf('@vladmandic/face-api'), 'model');
  const manifest = await Bun.file(join(folder, `${name}-weights_manifest.json`)).json();
  const load = tensors.io.weightsLoaderFactory((paths) =>
    Promise.all(paths.map((path) => Bun.file(join(folder, path.split('/').pop() ?? '')).arrayBuffer())),
  );
  net.loadFromWeightMap(await load(manifest, folder));
}

function folderOf(name: string): string {
  return dirname(Bun.resolveSync(`${name}/package.json`, import.meta.dir));
}
