import { smoothstep } from '../../../../shared/numbers';
import {
  canonical,
  lowerInner,
  lowerLip,
  MOUTH_LEFT,
  MOUTH_RIGHT,
  upperInner,
  upperLip,
  VERTEX_COUNT,
} from '../faces/face.mesh';
import { type FaceFrame, gapAt, planeStep } from './mouth.measure';
import openingMode from './opening.mode.json';

/** What the mouth shall be: inner gap and distance of the corners, in units of the eye distance. */
export type MouthShape = { aperture: number; width: number };

/** The measured movement is trusted up to this height above the mouth; further up it is the tracker's error. */
const FADE_UP_FROM = 0.2;
const FADE_UP_TO = 0.4;
/** At the sides of the jaw hair and background begin: the movement dies away before them. */
const FADE_SIDE_FROM = 0.5;
const FADE_SIDE_TO = 0.8;
/** Reach of a change of width, across and along the face (tried: the cheeks follow, the nose doesn't). */
const WIDTH_REACH_X = 0.6;
const WIDTH_REACH_Y = 0.32;
/** What a lip's inner edge still has to move after the measured movement fades out over the lip's height. */
const LIP_HEIGHT = 0.1;

type Weights = {
  /** How far the vertex goes down when the mouth opens by 1. */
  opening: number;
  /** And how much further for every 1 beyond the knee. */
  wide: number;
  /** Fractional column (0..10) of the inner lip edge that it follows. */
  column: number;
  /** Share of the correction at its column, 0 outside the lips; and whose edge it follows. */
  lip: number;
  lower: boolean;
  width: number;
};

const halfMouth = ((canonical[MOUTH_RIGHT * 2] ?? 0) - (canonical[MOUTH_LEFT * 2] ?? 0)) / 2;
const weights: readonly Weights[] = Array.from({ length: VERTEX_COUNT }, (_, vertex) => weightsOf(vertex));

/**
 * Where every vertex goes, in the picture, when the mouth of `face` takes the given shape: (x, y)
 * pairs in pixels. Vertices move as they were measured to move in talking people; what then lacks
 * of the wanted gap at each column of the lips is shared by both lips. The upper face stays.
 */
export function shapeMouth(face: FaceFrame, shape: MouthShape, into: Float32Array): Float32Array {
  const change = shape.aperture - face.aperture;
  const wide = wideOf(shape.aperture) - wideOf(face.aperture);
  const lacking = lackingGaps(face, shape.aperture, { change, wide });
  const stretch = face.width > 0.05 ? shape.width / face.width - 1 : 0;
  const { rotation: r, scale } = face.pose;
  for (let vertex = 0; vertex < VERTEX_COUNT; vertex++) {
    const weight = weights[vertex];
    if (!weight) continue;
    const fromMiddle = planeStep(face.mesh, face.pose, MOUTH_LEFT, vertex).x - face.width / 2;
    const across = stretch * weight.width * fromMiddle;
    const rest = (weight.lip * sampleColumns(lacking, weight.column)) / 2;
    const down = weight.opening * change + weight.wide * wide + (weight.lower ? rest : -rest);
    into[vertex * 2] = (face.mesh[vertex * 3] ?? 0) + scale * ((r[0] ?? 0) * across + (r[1] ?? 0) * down);
    into[vertex * 2 + 1] =
      (face.mesh[vertex * 3 + 1] ?? 0) + scale * ((r[3] ?? 0) * across + (r[4] ?? 0) * down);
  }
  return into;
}

/** With 1 the opening is a parabola, with .5 an ellipse: lips are a little fuller than the first. */
const ROUNDNESS = 0.9;

/** How round the opening is: its height at a place across the mouth, -1 and 1 being the corners. */
export function openingProfile(across: number): number {
  return Math.max(0, 1 - across * across) ** ROUNDNESS;
}

/** What the measured movement leaves to do at each of the eleven columns. */
function lackingGaps(
  face: FaceFrame,
  aperture: number,
  { change, wide }: { change: number; wide: number },
): Float32Array {
  const lacking = new Float32Array(upperInner.length);
  for (let column = 1; column < lacking.length - 1; column++) {
    const upper = upperInner[column] ?? 0;
    const lower = lowerInner[column] ?? 0;
    const wanted = aperture * openingProfile((canonical[upper * 2] ?? 0) / halfMouth);
    const reached =
      gapAt(face.mesh, face.pose, column) +
      change * ((weights[lower]?.opening ?? 0) - (weights[upper]?.opening ?? 0)) +
      wide * ((weights[lower]?.wide ?? 0) - (weights[upper]?.wide ?? 0));
    lacking[column] = wanted - reached;
  }
  return lacking;
}

/**
 * What of an opening is the jaw's: narrower ones are mostly the lips'. On the clip at hand the chin goes
 * along with .24 of an opening below the knee and .62 beyond it.
 */
function wideOf(aperture: number): number {
  return Math.max(0, aperture - openingMode.wideFrom);
}

function sampleColumns(values: Float32Array, column: number): number {
  const left = Math.max(0, Math.min(values.length - 2, Math.floor(column)));
  const part = column - left;
  return (values[left] ?? 0) * (1 - part) + (values[left + 1] ?? 0) * part;
}

function weightsOf(vertex: number): Weights {
  const x = canonical[vertex * 2] ?? 0;
  const y = canonical[vertex * 2 + 1] ?? 0;
  const fade =
    (1 - smoothstep(FADE_UP_FROM, FADE_UP_TO, -y)) *
    (1 - smoothstep(FADE_SIDE_FROM, FADE_SIDE_TO, Math.abs(x)));
  const isLip = upperLip.has(vertex) || lowerLip.has(vertex);
  return {
    opening: (openingMode.mode[vertex] ?? 0) * fade,
    wide: (openingMode.wide[vertex] ?? 0) * fade,
    column: columnOf(x),
    lip: isLip ? 1 - smoothstep(0, LIP_HEIGHT, Math.abs(y)) : 0,
    lower: lowerLip.has(vertex),
    width: Math.exp(-((x / WIDTH_REACH_X) ** 4) - (y / WIDTH_REACH_Y) ** 4),
  };
}

/** The fractional column (0..10) of a canonical x. */
function columnOf(x: number): number {
  const places = upperInner.map((index) => canonical[index * 2] ?? 0);
  for (let i = 0; i + 1 < places.length; i++) {
    const from = places[i] ?? 0;
    const to = places[i + 1] ?? 0;
    if (x <= to || i + 2 === places.length) return i + Math.max(0, Math.min(1, (x - from) / (to - from)));
  }
  return 0;
}
