import { smoothstep } from '../../../../shared/numbers';
import type { MouthColours } from '../faces/face.colours';
import { VERTEX_COUNT } from '../faces/face.mesh';
import { mouthAlpha, mouthTriangles } from '../mouth/mouth.weights';
import { type Box, type YuvFrame, yuvBytes, yuvFrame } from '../pictures/yuv.frame';
import { drawnMouthColour } from './drawn.mouth';
import { boundsOf, depthInSource, edgeAt, middleGap, type Opening, openingOf } from './opening';
import { type Plane, planesOf, warpTriangles } from './triangle.warp';

/** A cut-out of another frame around its mouth, and the face's mesh in that frame. */
export type MouthSource = {
  crop: YuvFrame;
  originX: number;
  originY: number;
  mesh: Float32Array;
  share: number;
};

/** The mouth to be laid over a frame: a small picture at `box`, and how much of each pixel is seen. */
export type MouthLayer = {
  box: Box;
  picture: YuvFrame;
  alpha: Float32Array;
  chromaAlpha: Float32Array;
};

/** An empty layer; reuses the memory of an earlier one that is large enough. */
export function newMouthLayer(box: Box, earlier?: MouthLayer): MouthLayer {
  const bytes = yuvBytes(box.width, box.height);
  const pixels = box.width * box.height;
  const memory = earlier?.picture.data.buffer;
  const data =
    memory && memory.byteLength >= bytes ? new Uint8Array(memory, 0, bytes) : new Uint8Array(bytes);
  const reuse = (old: Float32Array | undefined, length: number): Float32Array =>
    old && old.buffer.byteLength >= length * 4
      ? new Float32Array(old.buffer, 0, length).fill(0)
      : new Float32Array(length);
  return {
    box,
    picture: yuvFrame(box.width, box.height, data),
    alpha: reuse(earlier?.alpha, pixels),
    chromaAlpha: reuse(earlier?.chromaAlpha, pixels / 4),
  };
}

type Edit = { sources: readonly MouthSource[]; colours: MouthColours; unit: number };

/** Softness of the inner edge of the lips, in eye distances (1.5 mm). */
const LIP_SOFTNESS = 0.016;

/** Gaps (eye distances) from which on a mouth is open: below the second an open mouth's teeth would be a white line. */
const SHUT_BELOW = 0.015;
const OPEN_FROM = 0.04;
/** Of a gap, how much of it the source's own must reach before its inside is shown, and from where it is all of it. */
const INSIDE_FROM = 0.2;
const INSIDE_WHOLE = 0.45;
/** How much is seen of the dark line between lips that touch, and over which part of the mouth's width it begins. */
const SEAM_SEEN = 0.55;
const CORNER = 0.12;

/** Draws lips, skin around them and the inside of the mouth, mixed from all sources by their shares. */
export function drawMouthLayer(layer: MouthLayer, to: Float32Array, edit: Edit): void {
  const opening = openingOf(to, 2);
  const [first, ...others] = edit.sources;
  if (!first) return;
  drawSource(layer, to, opening, first, edit);
  let mixed = first.share;
  for (const source of others) {
    const other = newMouthLayer(layer.box);
    drawSource(other, to, opening, source, edit);
    mixed += source.share;
    const part = source.share / mixed;
    for (let i = 0; i < layer.picture.data.length; i++) {
      const own = layer.picture.data[i] ?? 0;
      layer.picture.data[i] = own + ((other.picture.data[i] ?? 0) - own) * part + 0.5;
    }
  }
}

function drawSource(
  layer: MouthLayer,
  to: Float32Array,
  opening: Opening,
  source: MouthSource,
  edit: Edit,
): void {
  const from = new Float32Array(VERTEX_COUNT * 2);
  for (let vertex = 0; vertex < VERTEX_COUNT; vertex++) {
    from[vertex * 2] = source.mesh[vertex * 3] ?? 0;
    from[vertex * 2 + 1] = source.mesh[vertex * 3 + 1] ?? 0;
  }
  const sourceOpening = openingOf(source.mesh, 3);
  const targets = planesOf(layer.picture, layer.box.x, layer.box.y);
  const origins = planesOf(source.crop, source.originX, source.originY);
  for (const name of ['luma', 'chroma'] as const) {
    const alpha = name === 'luma' ? layer.alpha : layer.chromaAlpha;
    warpTriangles(mouthTriangles, from, origins[name], to, targets[name], {
      plane: alpha,
      vertex: mouthAlpha,
    });
    fillOpening(targets[name], origins[name], alpha, opening, sourceOpening, edit);
  }
}

/** Fills what lies between the lips: the source's teeth and tongue as far as they reach, else drawn. */
function fillOpening(
  target: Plane,
  origin: Plane,
  alpha: Float32Array,
  opening: Opening,
  sourceOpening: Opening,
  edit: Edit,
): void {
  const gap = middleGap(opening);
  const sourceGap = middleGap(sourceOpening);
  // A source that is nearly shut shows no inside worth stretching, unless hardly any is asked for; the
  // teeth of an open one would be a white line between lips that meet.
  const openAt = (height: number): number => smoothstep(SHUT_BELOW, OPEN_FROM, height / edit.unit);
  const real =
    smoothstep(INSIDE_FROM, INSIDE_WHOLE, sourceGap / Math.max(gap, 1e-3)) *
    (openAt(sourceGap) * openAt(gap) + (1 - openAt(sourceGap)) * (1 - openAt(gap)));
  // The lips' inner edges are as soft as such edges are in pictures: a pixel, more in large faces.
  const soft = Math.max(1 / target.scale, LIP_SOFTNESS * edit.unit);
  const bounds = boundsOf(opening);
  const [x0, x1] = range(bounds.left - soft, bounds.right + soft, target.originX, target.scale, target.width);
  const [y0, y1] = range(
    bounds.top - soft,
    bounds.bottom + soft,
    target.originY,
    target.scale,
    target.height,
  );
  for (let row = y0; row <= y1; row++) {
    for (let column = x0; column <= x1; column++) {
      const px = target.originX + (column + 0.5) / target.scale - opening.x;
      const py = target.originY + (row + 0.5) / target.scale - opening.y;
      const along = (px * opening.cos + py * opening.sin) / opening.width;
      if (along <= 0 || along >= 1) continue;
      const below = -px * opening.sin + py * opening.cos;
      const upper = edgeAt(opening.upper, along);
      const lower = edgeAt(opening.lower, along);
      // Lips that touch leave a dark line, which a source with open lips doesn't have: an opening as
      // high as its edges are soft.
      const height = Math.max(lower - upper, soft);
      const depth = below - (upper + lower - height) / 2;
      const seam = SEAM_SEEN * openAt(sourceGap) * smoothstep(0, CORNER, Math.min(along, 1 - along));
      const seen = seam + (1 - seam) * openAt(lower - upper);
      const cover = seen * Math.min(1, Math.max(0, Math.min(depth, height - depth) / soft + 0.5));
      if (cover <= 0) continue;
      const at = row * target.width + column;
      const bare = (alpha[at] ?? 0) < 0.5;
      const inside = insideAt(along, depth, height, sourceOpening, real);
      const drawn =
        inside.share < 1
          ? drawnMouthColour(along * 2 - 1, inside.depth / edit.unit, height / edit.unit, edit.colours)
          : null;
      const put = (data: Uint8Array, from: Uint8Array, drawnValue: number): void => {
        const real = inside.share > 0 ? bilinear(origin, from, inside.x, inside.y) : 0;
        const value = drawnValue + (real - drawnValue) * inside.share;
        const under = bare ? value : (data[at] ?? 0);
        data[at] = under + (value - under) * cover + 0.5;
      };
      if (target.second && origin.second) {
        put(target.data, origin.data, drawn?.u ?? 128);
        put(target.second, origin.second, drawn?.v ?? 128);
      } else {
        put(target.data, origin.data, drawn?.y ?? 0);
      }
      alpha[at] = 1;
    }
  }
}

/** Where in the source lies what is seen at a place of the opening, and its share beside the drawn mouth. */
function insideAt(
  along: number,
  depth: number,
  height: number,
  sourceOpening: Opening,
  real: number,
): { x: number; y: number; share: number; depth: number } {
  const clipped = Math.max(0, Math.min(height, depth));
  const sourceUpper = edgeAt(sourceOpening.upper, along);
  const sourceHeight = Math.max(0, edgeAt(sourceOpening.lower, along) - sourceUpper);
  const place = depthInSource(clipped, height, sourceHeight);
  const sx = along * sourceOpening.width;
  const sy = sourceUpper + place.depth;
  return {
    x: sourceOpening.x + sx * sourceOpening.cos - sy * sourceOpening.sin,
    y: sourceOpening.y + sx * sourceOpening.sin + sy * sourceOpening.cos,
    share: real * (1 - place.dark),
    depth: clipped,
  };
}

function bilinear(plane: Plane, data: Uint8Array, x: number, y: number): number {
  const px = Math.max(0, Math.min(plane.width - 1.001, (x - plane.originX) * plane.scale - 0.5));
  const py = Math.max(0, Math.min(plane.height - 1.001, (y - plane.originY) * plane.scale - 0.5));
  const ix = px | 0;
  const iy = py | 0;
  const at = iy * plane.width + ix;
  const fx = px - ix;
  const upper = (data[at] ?? 0) * (1 - fx) + (data[at + 1] ?? 0) * fx;
  const lower = (data[at + plane.width] ?? 0) * (1 - fx) + (data[at + plane.width + 1] ?? 0) * fx;
  return upper + (lower - upper) * (py - iy);
}

function range(from: number, to: number, origin: number, scale: number, length: number): [number, number] {
  return [
    Math.max(0, Math.floor((from - origin) * scale)),
    Math.min(length - 1, Math.ceil((to - origin) * scale)),
  ];
}
