import { type FaceFrame, measureFace, referenceOf } from '../mouth/mouth.measure';
import { smoothedMesh } from '../tracking/track.smoother';
import type { FaceTrack } from '../tracking/track.types';

/** Numbers of one face in one frame; see FaceFrame. */
export type FaceNumbers = Pick<FaceFrame, 'aperture' | 'width' | 'yaw' | 'pitch'> & { unit: number };

/** A face through a shot: its numbers for all frames, its full geometry for any one that is asked for. */
export type MeasuredTrack = {
  id: number;
  /** One per frame of the shot, null where the face isn't seen. */
  numbers: readonly (FaceNumbers | null)[];
  faceAt(index: number): FaceFrame | null;
};

/** A mean over more frames than this doesn't change any more. */
const REFERENCE_FRAMES = 60;

/** Measures a track. Geometry is made anew when asked for: kept, it would fill the memory of long clips. */
export function measureTrack(track: FaceTrack): MeasuredTrack {
  const seen = [...track.meshes.keys()].filter((index) => track.meshes[index]);
  const every = Math.max(1, Math.ceil(seen.length / REFERENCE_FRAMES));
  const reference = referenceOf(
    seen.filter((_, i) => i % every === 0).flatMap((index) => smoothedMesh(track.meshes, index) ?? []),
  );
  const faceAt = (index: number): FaceFrame | null => {
    const mesh = smoothedMesh(track.meshes, index);
    return mesh ? measureFace(mesh, reference) : null;
  };
  const numbers = track.meshes.map((_, index) => {
    const face = faceAt(index);
    if (!face) return null;
    const { aperture, width, yaw, pitch, pose } = face;
    return { aperture, width, yaw, pitch, unit: pose.scale };
  });
  return { id: track.id, numbers, faceAt };
}
