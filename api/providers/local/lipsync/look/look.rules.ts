import type { Faces } from '../../../../contract/singing.schema';

/** A box in the picture's pixels. */
export type FaceBox = { left: number; top: number; right: number; bottom: number };

/** The upright box around (x, y, z) triples. */
export function boxOfMesh(mesh: Float32Array): FaceBox {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (let i = 0; i + 2 < mesh.length; i += 3) {
    const [x = 0, y = 0] = mesh.subarray(i, i + 2);
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  return box;
}

/**
 * What was seen, in shares of the picture. Nobody, but something that was nearly a face, is `unknown`: to say
 * "nobody to sync" of a singer is worse than to leave it open.
 * @param clip.doubts how often something was like a face and turned out to be none
 */
export function summarise(
  seen: readonly { frame: number; faces: readonly { box: FaceBox }[] }[],
  clip: { width: number; height: number; doubts: number },
): Faces {
  const { width, height, doubts } = clip;
  const pictures = seen.map(({ frame, faces }) => ({
    frame,
    faces: faces.map(({ box }) => {
      const [x, y] = [share(box.left / width), share(box.top / height)];
      return {
        x,
        y,
        width: share(share(box.right / width) - x),
        height: share(share(box.bottom / height) - y),
      };
    }),
  }));
  const largest = pictures.flatMap(({ faces }) => faces.slice(0, 1));
  const count = Math.max(0, ...pictures.map(({ faces }) => faces.length));
  const middle = {
    x: median(largest.map((face) => face.x + face.width / 2)),
    y: median(largest.map((face) => face.y + face.height / 2)),
  };
  return {
    result: count > 0 ? 'found' : doubts > 0 ? 'unknown' : 'none',
    count,
    middle: count > 0 ? middle : null,
    seen: pictures,
  };
}

/** Four digits are a fifth of a pixel of 1920. */
const share = (value: number) => Math.round(1e4 * Math.min(1, Math.max(0, value))) / 1e4;

const median = (values: number[]) => share(values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0);
