import {
  lowerInner,
  MOUTH_LEFT,
  MOUTH_RIGHT,
  stablePoints,
  upperInner,
  VERTEX_COUNT,
} from '../faces/face.mesh';
import { type FaceTrack, smoothedMesh } from '../faces/face.track';
import { fitPose, intoModel, type Pose, pitchOf, yawOf } from '../faces/pose.fit';
import { frontal } from '../faces/reference.frame';

/** A face in one frame: its mesh in the picture, its pose, and its mouth in units of the eye distance. */
export type FaceFrame = {
  /** (x, y, z) triples in pixels of the picture. */
  mesh: Float32Array;
  pose: Pose;
  /** Radians: turned to a side, nodding. */
  yaw: number;
  pitch: number;
  /** Mean gap of the three middle pairs of inner lip points, as openings of the face's plane look. */
  aperture: number;
  /** Distance of the corners of the mouth. */
  width: number;
};

/** The middle three of the eleven inner lip pairs. */
const MIDDLE = [4, 5, 6] as const;

/**
 * The way from one vertex to another in the plane of the face (x across, y down, eye distances):
 * what of it is seen in the picture, undone by the pose. Depth is left out on purpose: a change in
 * the plane then changes the picture by exactly what was meant.
 */
export function planeStep(
  mesh: ArrayLike<number>,
  pose: Pose,
  from: number,
  to: number,
): { x: number; y: number } {
  const dx = (mesh[to * 3] ?? 0) - (mesh[from * 3] ?? 0);
  const dy = (mesh[to * 3 + 1] ?? 0) - (mesh[from * 3 + 1] ?? 0);
  // Not destructured: that would run an iterator half a million times a clip.
  const a = pose.rotation[0] ?? 1;
  const b = pose.rotation[1] ?? 0;
  const c = pose.rotation[3] ?? 0;
  const d = pose.rotation[4] ?? 1;
  const determinant = (a * d - b * c) * pose.scale;
  // Edge-on there is no plane to measure in; such faces pass through anyway.
  if (Math.abs(determinant) < 1e-6) return { x: 0, y: 0 };
  return { x: (d * dx - b * dy) / determinant, y: (a * dy - c * dx) / determinant };
}

/** The gap between the inner lips at one of the eleven columns, in eye distances. */
export function gapAt(mesh: ArrayLike<number>, pose: Pose, column: number): number {
  return planeStep(mesh, pose, upperInner[column] ?? 0, lowerInner[column] ?? 0).y;
}

/**
 * The face's own shape, looking straight ahead: the mean of some of its frames, each turned onto
 * the one that looks most nearly straight. Unit: distance of the outer eye corners.
 */
export function referenceOf(meshes: readonly Float32Array[]): Float32Array {
  let straightest: Float32Array = new Float32Array(VERTEX_COUNT * 3);
  let least = Infinity;
  for (const mesh of meshes) {
    const candidate = frontal(mesh);
    const pose = fitPose(candidate, mesh, stablePoints);
    const away = Math.hypot(yawOf(pose), pitchOf(pose));
    if (away < least) {
      least = away;
      straightest = candidate;
    }
  }
  const mean = new Float32Array(VERTEX_COUNT * 3);
  const turned = new Float32Array(VERTEX_COUNT * 3);
  for (const mesh of meshes) {
    intoModel(mesh, fitPose(straightest, mesh, stablePoints), turned);
    for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] ?? 0) + (turned[i] ?? 0) / meshes.length;
  }
  return mean;
}

/** Finds the pose of a mesh and measures its mouth. */
export function measureFace(mesh: Float32Array, reference: Float32Array): FaceFrame {
  const pose = fitPose(reference, mesh, stablePoints);
  return {
    mesh,
    pose,
    yaw: yawOf(pose),
    pitch: pitchOf(pose),
    aperture: MIDDLE.reduce((sum, column) => sum + gapAt(mesh, pose, column), 0) / MIDDLE.length,
    width: planeStep(mesh, pose, MOUTH_LEFT, MOUTH_RIGHT).x,
  };
}

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
