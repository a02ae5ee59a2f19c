import type { MouthColours } from '../faces/face.colours';
import { faceOval, VERTEX_COUNT } from '../faces/face.mesh';
import { shapeMouth } from '../mouth/mouth.shape';
import { POINT_COUNT, RING_START, skinTriangles } from '../mouth/mouth.weights';
import { mixAt } from '../mouth/source.choice';
import { type Box, copyBox, evenBox, type YuvFrame } from '../pictures/yuv.frame';
import type { ShotPlan } from '../plan/shot.plan';
import { compositeMouth } from './mouth.composite';
import { drawMouthLayer, type MouthLayer, type MouthSource, newMouthLayer } from './mouth.layer';
import { planesOf, warpTriangles } from './triangle.warp';

/** What is to be done to one face in one frame. */
export type FaceEdit = {
  /** The face's mesh in this frame: (x, y, z) triples in pixels. */
  mesh: Float32Array;
  /** Where its vertices shall be: (x, y) pairs in pixels. */
  shape: Float32Array;
  /** Frames that lend their mouths, with their shares (which add up to 1). */
  sources: readonly MouthSource[];
  colours: MouthColours;
  /** Pixels per eye distance. */
  unit: number;
  /** 0..1: how much of the new mouth is seen; below 1 while passing over into the source. */
  strength: number;
};

/** How far outside the oval the ring lies, as a share of the distance from the face's middle. */
const RING = 0.3;
/** Triangles whose corners all move less than this (pixels) keep the source's own pixels. */
const STILL = 0.03;

/** Draws edits into frames, in place; pixels it doesn't reach stay exactly the source's. */
export function createFaceRenderer(): (frame: YuvFrame, edit: FaceEdit) => Box | null {
  const from = new Float32Array(POINT_COUNT * 2);
  const to = new Float32Array(POINT_COUNT * 2);
  let layer: MouthLayer = newMouthLayer({ x: 0, y: 0, width: 0, height: 0 });
  let scratch = new Uint8Array(0);
  return (frame, edit) => {
    placePoints(edit, from, to);
    const moved = movedTriangles(from, to);
    const box = boxOf(moved, from, to, frame);
    if (moved.length === 0 || box.width === 0 || box.height === 0) return null;
    const bytes = box.width * box.height * 2;
    if (scratch.length < bytes) scratch = new Uint8Array(bytes);
    const own = copyBox(frame, box, scratch);
    const source = planesOf(own, box.x, box.y);
    const target = planesOf(frame, 0, 0);
    warpTriangles(moved, from, source.luma, to, target.luma);
    warpTriangles(moved, from, source.chroma, to, target.chroma);
    layer = newMouthLayer(box, layer);
    drawMouthLayer(layer, to, edit);
    compositeMouth(frame, box, layer, edit.strength);
    return box;
  };
}

function placePoints(edit: FaceEdit, from: Float32Array, to: Float32Array): void {
  for (let vertex = 0; vertex < VERTEX_COUNT; vertex++) {
    from[vertex * 2] = edit.mesh[vertex * 3] ?? 0;
    from[vertex * 2 + 1] = edit.mesh[vertex * 3 + 1] ?? 0;
  }
  to.set(edit.shape.subarray(0, VERTEX_COUNT * 2));
  let [middleX, middleY] = [0, 0];
  for (const vertex of faceOval) {
    middleX += (from[vertex * 2] ?? 0) / faceOval.length;
    middleY += (from[vertex * 2 + 1] ?? 0) / faceOval.length;
  }
  faceOval.forEach((vertex, i) => {
    const x = from[vertex * 2] ?? 0;
    const y = from[vertex * 2 + 1] ?? 0;
    const at = (RING_START + i) * 2;
    from[at] = to[at] = x + RING * (x - middleX);
    from[at + 1] = to[at + 1] = y + RING * (y - middleY);
  });
}

function movedTriangles(from: Float32Array, to: Float32Array): number[] {
  const moves = (vertex: number): boolean =>
    Math.abs((to[vertex * 2] ?? 0) - (from[vertex * 2] ?? 0)) > STILL ||
    Math.abs((to[vertex * 2 + 1] ?? 0) - (from[vertex * 2 + 1] ?? 0)) > STILL;
  const moved: number[] = [];
  for (let i = 0; i < skinTriangles.length; i += 3) {
    const a = skinTriangles[i] ?? 0;
    const b = skinTriangles[i + 1] ?? 0;
    const c = skinTriangles[i + 2] ?? 0;
    if (moves(a) || moves(b) || moves(c)) moved.push(a, b, c);
  }
  return moved;
}

function boxOf(moved: readonly number[], from: Float32Array, to: Float32Array, frame: YuvFrame): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const vertex of moved) {
    left = Math.min(left, from[vertex * 2] ?? 0, to[vertex * 2] ?? 0);
    right = Math.max(right, from[vertex * 2] ?? 0, to[vertex * 2] ?? 0);
    top = Math.min(top, from[vertex * 2 + 1] ?? 0, to[vertex * 2 + 1] ?? 0);
    bottom = Math.max(bottom, from[vertex * 2 + 1] ?? 0, to[vertex * 2 + 1] ?? 0);
  }
  if (moved.length === 0) return { x: 0, y: 0, width: 0, height: 0 };
  return evenBox(left - 4, top - 4, right + 4, bottom + 4, frame);
}

/** Draws the planned mouth into frame `index` of the clip, in place. */
export type ClipRenderer = (frame: YuvFrame, index: number) => void;

/** Below this share of the new mouth nothing is drawn at all. */
const VISIBLE = 0.01;

/** Draws the mouths of all shots; the frames of a clip come in any order. */
export function createClipRenderer(plans: readonly ShotPlan[]): ClipRenderer {
  const draw = createFaceRenderer();
  const shape = new Float32Array(VERTEX_COUNT * 2);
  return (frame, index) => {
    const plan = plans.find(({ start, end }) => index >= start && index < end);
    if (!plan) return;
    const i = index - plan.start;
    const strength = plan.strength[i] ?? 0;
    const wanted = plan.shapes[i];
    if (strength < VISIBLE || !wanted) return;
    const face = plan.track.faceAt(i);
    const sources = mixAt(plan.path, i, plan.mouths.length).flatMap(({ candidate, share }) => {
      const mouth = plan.mouths[candidate];
      return mouth ? [{ ...mouth, share }] : [];
    });
    if (!face || sources.length === 0) return;
    const between = (own: number, goal: number): number => own + strength * (goal - own);
    shapeMouth(
      face,
      { aperture: between(face.aperture, wanted.aperture), width: between(face.width, wanted.width) },
      shape,
    );
    draw(frame, { mesh: face.mesh, shape, sources, colours: plan.colours, unit: face.pose.scale, strength });
  };
}
