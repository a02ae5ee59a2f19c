import { availableParallelism } from 'node:os';
import { type Region, sampleRegion } from '../pixels/crop.sampler';
import type { YuvFrame } from '../pixels/yuv.frame';
import type { Detection } from './blazeface.decode';
import { DETECTOR_SIDE } from './blazeface.model';
import type { FaceAnswer, FaceQuestion, ModelName } from './face.thread';
import { MESH_SIDE, toPicture } from './facemesh.model';

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

const sides: Record<ModelName, number> = { blazeface: DETECTOR_SIDE, facemesh: MESH_SIDE };

type Waiting = { resolve(answer: FaceAnswer): void; reject(error: Error): void };

type FaceThread = { worker: Worker; isReady: boolean; asked: number };

export type FaceModelsOptions = {
  /** Told when the first thread has loaded its models (after about .2 s); questions may come before. */
  onReady?: () => void;
  /**
   * TensorFlow's WebAssembly has no threads of its own under Bun, so a second core needs a second thread
   * of ours with models of its own. On two cores it is started when this settles: loading it beside
   * other work cost more than it gave. Null or left out: never.
   */
  coreIsFree?: Promise<unknown> | null;
};

/** Starts the threads. All results are the same with one thread and with two. */
export function startFaceModels({ onReady, coreIsFree }: FaceModelsOptions = {}): FaceModels {
  const waiting = new Map<number, Waiting>();
  const spare: Record<ModelName, Float32Array<ArrayBuffer>[]> = { blazeface: [], facemesh: [] };
  let asked = 0;
  let isStopped = false;

  function failAll(error: Error): void {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }
  function startThread(onLoaded: () => void): FaceThread {
    const worker = new Worker(new URL('./face.thread.ts', import.meta.url).href, { smol: true });
    const thread: FaceThread = { worker, isReady: false, asked: 0 };
    worker.onmessage = ({ data }: MessageEvent<FaceAnswer>) => {
      if (data.kind === 'ready') {
        thread.isReady = true;
        onLoaded();
        return;
      }
      thread.asked--;
      const caller = waiting.get(data.id);
      waiting.delete(data.id);
      if (data.kind === 'failed') {
        caller?.reject(new Error(`A face model failed: ${data.message}`));
        return;
      }
      spare[data.model].push(data.pixels);
      caller?.resolve(data);
    };
    worker.onerror = ({ message }) => failAll(new Error(`The face models could not be run: ${message}`));
    return thread;
  }
  // More than two would wait for pictures: decoding and sampling take a third of a core each.
  const first = startThread(() => onReady?.());
  let second: FaceThread | undefined;
  const startSecond = (): void => {
    if (!isStopped) second = startThread(() => undefined);
  };
  const cores = availableParallelism();
  if (coreIsFree && cores > 2) startSecond();
  else if (cores === 2) coreIsFree?.then(startSecond);

  /** The first one, which is warm, unless the second has less to do. */
  const leastBusy = (): FaceThread => (second?.isReady && second.asked < first.asked ? second : first);

  async function ask(model: ModelName, frame: YuvFrame, region: Region): Promise<FaceAnswer> {
    const side = sides[model];
    const pixels = spare[model].pop() ?? new Float32Array(side * side * 3);
    sampleRegion(frame, region, side, pixels);
    const id = asked++;
    const question: FaceQuestion = { id, model, pixels };
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      const thread = leastBusy();
      thread.asked++;
      thread.worker.postMessage(question, [pixels.buffer]);
    });
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
      isStopped = true;
      first.worker.terminate();
      second?.worker.terminate();
      failAll(new Error('The face models were stopped.'));
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
