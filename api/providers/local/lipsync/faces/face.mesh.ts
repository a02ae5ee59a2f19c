import meshData from './face.mesh.json';

/**
 * The MediaPipe face mesh: 468 points, their canonical places and the named groups that the
 * engine needs. Indices are those of the model's output. "Right" and "left" are the picture's
 * sides for a face that looks into the camera.
 */
export const VERTEX_COUNT = 468;

/** Corner indices of all triangles, three each. None covers the opening between the lips. */
export const triangles = Uint16Array.from(meshData.triangles);

export const OUTER_EYE_LEFT = 33;
export const OUTER_EYE_RIGHT = 263;
export const MOUTH_LEFT = 61;
export const MOUTH_RIGHT = 291;
export const CHIN = 152;

/** The inner lip edge from the picture's left corner to its right one, upper and lower, in pairs. */
export const upperInner = [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308] as const;
export const lowerInner = [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308] as const;
/** The outer lip edge, both corners included. */
export const upperOuter = [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291] as const;
export const lowerOuter = [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291] as const;
/** The rings between the edges, from the inside out: they belong to the upper or the lower lip. */
const upperBetween = [183, 42, 41, 38, 12, 268, 271, 272, 407, 184, 74, 73, 72, 11, 302, 303, 304, 408];
const lowerBetween = [
  62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292, 76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306,
];

/** Every vertex of the red of the lips. */
export const upperLip: ReadonlySet<number> = new Set([...upperInner, ...upperBetween, ...upperOuter]);
export const lowerLip: ReadonlySet<number> = new Set([
  ...lowerInner.slice(1, -1),
  ...lowerBetween,
  ...lowerOuter.slice(1, -1),
]);

/** The outline of the face, once around. */
export const faceOval = [
  10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149,
  150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
] as const;

/** Points that speech does not move: eye corners, forehead, temples, bridge and wings of the nose. */
export const stablePoints = [
  33, 133, 362, 263, 168, 6, 197, 195, 98, 327, 10, 151, 9, 8, 109, 338, 67, 297, 127, 356, 234, 454, 162,
  389, 21, 251, 103, 332,
] as const;

/** Canonical units: the distance of the outer eye corners is 1, the mouth's middle is the origin. */
const CANONICAL_EYE_DISTANCE = 0.44;
const CANONICAL_MOUTH_X = 0.5;
const CANONICAL_MOUTH_Y = 0.6938;

/** Canonical place of each vertex, (x, y) pairs, x to the picture's right, y down. */
export const canonical: Float32Array = Float32Array.from(meshData.uv, (value, index) =>
  index % 2 === 0
    ? (value - CANONICAL_MOUTH_X) / CANONICAL_EYE_DISTANCE
    : (value - CANONICAL_MOUTH_Y) / CANONICAL_EYE_DISTANCE,
);
