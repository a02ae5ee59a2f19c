import { VERTEX_COUNT } from './face.mesh';

/** A 3D similarity: `image = scale · rotation · model + translation`; rotation is row-major. */
export type Pose = { scale: number; rotation: Float64Array; translation: Float64Array };

/**
 * The similarity that carries `model` onto `image` with the least squared distance over the given
 * points. Horn's closed form (J. Opt. Soc. Am. A 4, 1987): the rotation is the quaternion that
 * belongs to the largest eigenvalue of a symmetric 4x4 matrix.
 * Both point sets are (x, y, z) triples indexed by vertex.
 */
export function fitPose(model: ArrayLike<number>, image: ArrayLike<number>, points: readonly number[]): Pose {
  const modelMean = meanOf(model, points);
  const imageMean = meanOf(image, points);
  const s = new Float64Array(9);
  let modelSpread = 0;
  let imageSpread = 0;
  for (const point of points) {
    for (let row = 0; row < 3; row++) {
      const a = at(model, point * 3 + row) - at(modelMean, row);
      const b = at(image, point * 3 + row) - at(imageMean, row);
      modelSpread += a * a;
      imageSpread += b * b;
      for (let column = 0; column < 3; column++) {
        const other = at(image, point * 3 + column) - at(imageMean, column);
        s[row * 3 + column] = at(s, row * 3 + column) + a * other;
      }
    }
  }
  const rotation = rotationOf(largestEigenvector(hornMatrix(s)));
  const scale = modelSpread > 0 ? Math.sqrt(imageSpread / modelSpread) : 1;
  const translation = new Float64Array(3);
  for (let row = 0; row < 3; row++) {
    let turned = 0;
    for (let column = 0; column < 3; column++)
      turned += at(rotation, row * 3 + column) * at(modelMean, column);
    translation[row] = at(imageMean, row) - scale * turned;
  }
  return { scale, rotation, translation };
}

/** Brings image points into the model's frame: the inverse of the pose, for all vertices. */
export function intoModel(image: ArrayLike<number>, pose: Pose, into: Float32Array): Float32Array {
  const { rotation: r, translation: t, scale } = pose;
  for (let vertex = 0; vertex < VERTEX_COUNT; vertex++) {
    const x = at(image, vertex * 3) - at(t, 0);
    const y = at(image, vertex * 3 + 1) - at(t, 1);
    const z = at(image, vertex * 3 + 2) - at(t, 2);
    for (let column = 0; column < 3; column++) {
      into[vertex * 3 + column] = (at(r, column) * x + at(r, 3 + column) * y + at(r, 6 + column) * z) / scale;
    }
  }
  return into;
}

/** How far the head is turned to a side, in radians, 0 for a face that looks into the camera. */
export function yawOf(pose: Pose): number {
  return Math.atan2(-at(pose.rotation, 6), Math.hypot(at(pose.rotation, 0), at(pose.rotation, 3)));
}

/** How far the head nods, in radians. */
export function pitchOf(pose: Pose): number {
  return Math.atan2(at(pose.rotation, 7), at(pose.rotation, 8));
}

function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? 0;
}

function meanOf(values: ArrayLike<number>, points: readonly number[]): Float64Array {
  const mean = new Float64Array(3);
  for (const point of points) {
    for (let axis = 0; axis < 3; axis++) {
      mean[axis] = at(mean, axis) + at(values, point * 3 + axis) / points.length;
    }
  }
  return mean;
}

function hornMatrix(s: Float64Array): Float64Array {
  const xx = at(s, 0);
  const xy = at(s, 1);
  const xz = at(s, 2);
  const yx = at(s, 3);
  const yy = at(s, 4);
  const yz = at(s, 5);
  const zx = at(s, 6);
  const zy = at(s, 7);
  const zz = at(s, 8);
  return Float64Array.of(
    xx + yy + zz,
    yz - zy,
    zx - xz,
    xy - yx,
    yz - zy,
    xx - yy - zz,
    xy + yx,
    zx + xz,
    zx - xz,
    xy + yx,
    yy - xx - zz,
    yz + zy,
    xy - yx,
    zx + xz,
    yz + zy,
    zz - xx - yy,
  );
}

/** Jacobi rotations on a symmetric 4x4 matrix; eight sweeps reach the precision of doubles. */
function largestEigenvector(matrix: Float64Array): Float64Array {
  const a = Float64Array.from(matrix);
  const vectors = Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
  for (let sweep = 0; sweep < 8; sweep++) {
    for (let p = 0; p < 3; p++) {
      for (let q = p + 1; q < 4; q++) rotatePair(a, vectors, p, q);
    }
  }
  let best = 0;
  for (let i = 1; i < 4; i++) if (at(a, i * 5) > at(a, best * 5)) best = i;
  return Float64Array.from({ length: 4 }, (_, row) => at(vectors, row * 4 + best));
}

function rotatePair(a: Float64Array, vectors: Float64Array, p: number, q: number): void {
  const off = at(a, p * 4 + q);
  if (Math.abs(off) < 1e-300) return;
  const theta = (at(a, q * 5) - at(a, p * 5)) / (2 * off);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < 4; k++) {
    const kp = at(a, k * 4 + p);
    const kq = at(a, k * 4 + q);
    a[k * 4 + p] = c * kp - s * kq;
    a[k * 4 + q] = s * kp + c * kq;
  }
  for (let k = 0; k < 4; k++) {
    const pk = at(a, p * 4 + k);
    const qk = at(a, q * 4 + k);
    a[p * 4 + k] = c * pk - s * qk;
    a[q * 4 + k] = s * pk + c * qk;
    const vp = at(vectors, k * 4 + p);
    const vq = at(vectors, k * 4 + q);
    vectors[k * 4 + p] = c * vp - s * vq;
    vectors[k * 4 + q] = s * vp + c * vq;
  }
}

function rotationOf(quaternion: Float64Array): Float64Array {
  const w = at(quaternion, 0);
  const x = at(quaternion, 1);
  const y = at(quaternion, 2);
  const z = at(quaternion, 3);
  return Float64Array.of(
    1 - 2 * (y * y + z * z),
    2 * (x * y - w * z),
    2 * (x * z + w * y),
    2 * (x * y + w * z),
    1 - 2 * (x * x + z * z),
    2 * (y * z - w * x),
    2 * (x * z - w * y),
    2 * (y * z + w * x),
    1 - 2 * (x * x + y * y),
  );
}
