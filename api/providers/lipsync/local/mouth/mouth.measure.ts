import {
  lowerInner,
  MOUTH_LEFT,
  MOUTH_RIGHT,
  stablePoints,
  upperInner,
  VERTEX_COUNT,
} from '../mesh/face.mesh';
import { fitPose, intoModel, type Pose, pitchOf, yawOf } from '../mesh/pose.fit';
import { frontal } from '../mesh/reference.frame';

/** A face in one frame: its mesh in the picture, its pose, and its mouth in units of the eye distance. */
export type FaceFrame = {
  /** (x, y, z) triples in pixels of the picture. */
  mesh: Float32Array;
  /** The mesh without the pose: what is left is expression. */
  model: Float32Array;
  pose: Pose;
  /** Radians: turned to a side, nodding. */
  yaw: number;
  pitch: number;
  /** Mean gap of the three middle pairs of inner lip points. */
  aperture: number;
  /** Distance of the corners of the mouth. */
  width: number;
};

/** The middle three of the eleven inner lip pairs. */
const MIDDLE = [4, 5, 6] as const;

/** The gap between the inner lips at one of the eleven columns, in units of the eye distance. */
export function gapAt(model: ArrayLike<number>, column: number): number {
  const upper = upperInner[column] ?? 0;
  const lower = lowerInner[column] ?? 0;
  return (model[lower * 3 + 1] ?? 0) - (model[upper * 3 + 1] ?? 0);
}

export function apertureOf(model: ArrayLike<number>): number {
  return MIDDLE.reduce((sum, column) => sum + gapAt(model, column), 0) / MIDDLE.length;
}

export function mouthWidthOf(model: ArrayLike<number>): number {
  return (model[MOUTH_RIGHT * 3] ?? 0) - (model[MOUTH_LEFT * 3] ?? 0);
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

/** Separates a mesh into pose and expression and measures its mouth. */
export function measureFace(mesh: Float32Array, reference: Float32Array): FaceFrame {
  const pose = fitPose(reference, mesh, stablePoints);
  const model = intoModel(mesh, pose, new Float32Array(VERTEX_COUNT * 3));
  return {
    mesh,
    model,
    pose,
    yaw: yawOf(pose),
    pitch: pitchOf(pose),
    aperture: apertureOf(model),
    width: mouthWidthOf(model),
  };
}
