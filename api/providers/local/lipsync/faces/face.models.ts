import { availableParallelism } from 'node:os';
import { type Region, sampleRegion } from '../pictures/crop.sampler';
import type { YuvFrame } from '../pictures/yuv.frame';
import { startThread } from '../thread.calls';
import type { FaceAnswer, FaceQuestion, ModelName } from './face.thread';
import { DETECTOR_SIDE, type Detection, MESH_SIDE, toPicture } from './model.outputs';

/** Face flag 0..1 and the mesh as (x, y, z) triples in the picture's pixels. */
export type MeshReading = { flag: number; mesh: Float32Array };

/** Finds faces in a square of a picture; results are in the picture's pixels. */
export type FaceDetector = (frame: YuvFrame, square: Region) => Promise<Detection[]>;
/** Reads the face mesh inside a turned square of a picture. */
export type MeshReader = (frame: YuvFrame, region: Region) => Promise<MeshReading>;

/**
 * Both face models, computed in threads. The picture is read before a call returns: the caller may
 * change it while the answer is still on its way.
 */
export type FaceModels = {
  detect: FaceDetector;
  readMesh: MeshReader;
  stop(): void;
};

/**
 * TensorFlow's WebAssembly has no threads of its own under Bun. One thread of it leaves a second core
 * to decoding and sampling, which take as long; loading and compiling twice cost more than it gave.
 */
const THREADS_ON_TWO_CORES = 1;
const THREADS_ON_MORE = 2;
const sides: Record<ModelName, number> = { blazeface: DETECTOR_SIDE, facemesh: MESH_SIDE };

/** Starts the threads, which load the models (about .2 s) and tell when they have: questions may come before. */
export function startFaceModels(onReady: () => void = () => undefined): FaceModels {
  const spare: Record<ModelName, Float32Array<ArrayBuffer>[]> = { blazeface: [], facemesh: [] };
  let asked = 0;
  const count = availableParallelism() > 2 ? THREADS_ON_MORE : THREADS_ON_TWO_CORES;
  const file = new URL('./face.thread.ts', import.meta.url);
  const threads = Array.from({ length: count }, () => {
    const thread = startThread<FaceQuestion, FaceAnswer>(file, 'Finding faces');
    // Whoever asks for a face is told of a failure.
    thread.ask({ kind: 'load' }, []).then(onReady, () => undefined);
    return thread;
  });

  async function ask(model: ModelName, frame: YuvFrame, region: Region): Promise<FaceAnswer> {
    const side = sides[model];
    const pixels = spare[model].pop() ?? new Float32Array(side * side * 3);
    sampleRegion(frame, region, side, pixels);
    // In turns: calls for the two frames in flight, or for two faces, run side by side.
    const thread = threads[asked++ % threads.length];
    if (!thread) throw new Error('There is no thread of face models.');
    const answer = await thread.ask({ kind: 'ask', model, pixels }, [pixels.buffer]);
    if (answer.kind !== 'loaded') spare[model].push(answer.pixels);
    return answer;
  }

  return {
    async detect(frame, square) {
      const answer = await ask('blazeface', frame, square);
      if (answer.kind !== 'detections') throw new Error('The face detector gave no detections.');
      return answer.found.map((face) => detectionIn(face, square));
    },
    async readMesh(frame, region) {
      const answer = await ask('facemesh', frame, region);
      if (answer.kind !== 'mesh') throw new Error('The face mesh model gave no mesh.');
      return { flag: answer.flag, mesh: toPicture(answer.coordinates, region) };
    },
    stop() {
      for (const thread of threads) thread.stop();
    },
  };
}

function detectionIn(found: Detection, square: Region): Detection {
  return {
    ...found,
    x: square.x + (found.x - 0.5) * square.size,
    y: square.y + (found.y - 0.5) * square.size,
    size: found.size * square.size,
  };
}
