import { type FaceSample, sampleFace } from '../faces/cover.detector';
import { createFaceColours, type FaceColourReader } from '../faces/face.colours';
import type { Shot } from '../faces/face.track';
import type { FaceTracker, TrackedFrame } from '../faces/face.tracker';
import { createMouthLibrary, type MouthLibrary } from '../mouth/mouth.library';
import type { YuvFrame } from '../pictures/yuv.frame';

/** What the first walk through the clip keeps of one face. */
export type FaceGatherings = {
  library: MouthLibrary;
  colours: FaceColourReader;
  /** By frame of the clip; only when occlusion is looked for. */
  samples: Map<number, FaceSample>;
};

export type ClipScan = { shots: Shot[]; faces: Map<number, FaceGatherings>; framesWithFace: number };

/** All mouths of a clip together may fill this much memory; beyond it fewer of each are kept. */
const LIBRARY_BYTES = 64e6;
const FACES_WITH_LIBRARY = 2;

/** The first walk: follows all faces and gathers what choosing and drawing need later. */
export async function scanClip(
  frames: AsyncIterable<YuvFrame>,
  tracker: FaceTracker,
  options: { wantsCover: boolean; onFrame(index: number): void },
): Promise<ClipScan> {
  const gathered = new Map<number, FaceGatherings>();
  let framesWithFace = 0;
  const gather = ({ index, frame, faces }: TrackedFrame): void => {
    if (faces.length > 0) framesWithFace++;
    for (const { id, mesh } of faces) {
      const face = gathered.get(id) ?? newGatherings();
      gathered.set(id, face);
      face.library.add(index, frame, mesh);
      face.colours.add(frame, mesh);
      if (options.wantsCover) face.samples.set(index, sampleFace(frame, mesh));
    }
    options.onFrame(index + 1);
  };
  for await (const frame of frames) {
    for (const tracked of await tracker.next(frame)) gather(tracked);
  }
  for (const tracked of await tracker.finish()) gather(tracked);
  return { shots: tracker.shots(), faces: gathered, framesWithFace };
}

function newGatherings(): FaceGatherings {
  return {
    library: createMouthLibrary(LIBRARY_BYTES / FACES_WITH_LIBRARY),
    colours: createFaceColours(),
    samples: new Map(),
  };
}
