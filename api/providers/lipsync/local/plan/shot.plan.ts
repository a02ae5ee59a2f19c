import type { MouthTargets } from '../audio/audio.types';
import { type Candidate, chooseSources } from '../choice/source.choice';
import type { MouthCrop } from '../faces/mouth.library';
import { type FaceFrame, measureFaces } from '../mouth/mouth.measure';
import type { MouthShape } from '../mouth/mouth.shape';
import { mouthCurve } from '../targets/mouth.curves';
import { strengthCurve } from '../targets/strength.curve';
import { smoothMeshes } from '../tracking/track.smoother';
import type { FaceTrack, Shot } from '../tracking/track.types';

/** Everything that rendering one face through one shot needs. Arrays run along the shot's frames. */
export type ShotPlan = {
  shot: Shot;
  faces: (FaceFrame | null)[];
  shapes: MouthShape[];
  strength: Float32Array;
  crops: readonly MouthCrop[];
  /** Index into `crops` per frame, -1 for none. */
  path: Int32Array;
};

/** Smoothing of the landmarks over time, in frames: takes the model's tremble, leaves speech. */
const MESH_SIGMA = 0.7;

/** Decides, for one face through one shot, the shape of every mouth and where its picture comes from. */
export function planShot(
  shot: Shot,
  track: FaceTrack,
  crops: readonly MouthCrop[],
  targets: MouthTargets,
  temperature: number,
  covered: ReadonlySet<number>,
): ShotPlan {
  const faces = measureFaces(smoothMeshes(track.meshes, MESH_SIGMA));
  const slice = (values: Float32Array): Float32Array => values.subarray(shot.start, shot.end);
  const shapes = mouthCurve(
    {
      aperture: slice(targets.aperture),
      width: slice(targets.width),
      closed: slice(targets.closed),
      voiced: slice(targets.voiced),
      loudness: slice(targets.loudness),
    },
    temperature,
    restingWidth(faces),
  );
  const strength = strengthCurve(
    faces.map((face, i) => ({
      seen: face !== null,
      yaw: face?.yaw ?? 0,
      covered: covered.has(shot.start + i),
    })),
  );
  const usable = crops.filter(({ frame }) => !covered.has(frame) && faces[frame - shot.start]);
  const candidates = usable.map(({ frame }) => candidateOf(frame, faces[frame - shot.start]));
  const needs = faces.map((face, i) => ({
    frame: shot.start + i,
    shape: shapes[i] ?? { aperture: 0, width: 0 },
    yaw: face?.yaw ?? 0,
    pitch: face?.pitch ?? 0,
  }));
  return { shot, faces, shapes, strength, crops: usable, path: chooseSources(needs, candidates) };
}

/** The width of the mouth at rest: the median over the frames. */
function restingWidth(faces: readonly (FaceFrame | null)[]): number {
  const widths = faces.flatMap((face) => (face ? [face.width] : [])).sort((a, b) => a - b);
  return widths[Math.floor(widths.length / 2)] ?? 0;
}

function candidateOf(frame: number, face: FaceFrame | null | undefined): Candidate {
  return {
    frame,
    aperture: face?.aperture ?? 0,
    width: face?.width ?? 0,
    yaw: face?.yaw ?? 0,
    pitch: face?.pitch ?? 0,
  };
}
