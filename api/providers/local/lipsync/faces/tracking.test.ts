import { describe, expect, test } from 'bun:test';
import { type YuvFrame, yuvBytes, yuvFrame } from '../pictures/yuv.frame';
import { testMesh } from '../test/made-up.face';
import type { FaceDetector, MeshReader } from './face.models';
import { addMesh, packMesh, smoothedMesh } from './face.track';
import { createFaceTracker, type FaceTracker, type TrackedFrame } from './face.tracker';
import { regionOfMesh, searchSquares } from './search.regions';
import { createShotDetector } from './shot.detector';

const SIZE = { width: 400, height: 400, fps: 25 };
/** A picture of stripes; another phase is another scene, a small shift a movement. */
function picture(phase: number, shift = 0): YuvFrame {
  const frame = yuvFrame(
    SIZE.width,
    SIZE.height,
    new Uint8Array(yuvBytes(SIZE.width, SIZE.height)).fill(128),
  );
  for (let i = 0; i < frame.y.length; i++) {
    frame.y[i] =
      128 + 90 * Math.sin(((i % SIZE.width) + shift) / 40 + phase + Math.floor(i / SIZE.width) / 60);
  }
  return frame;
}

describe('createShotDetector', () => {
  test('the first frame begins a shot, a cut does, movement does not', () => {
    const begins = createShotDetector();
    expect(begins(picture(0))).toBe(true);
    for (let i = 1; i < 10; i++) expect(begins(picture(0, i * 3))).toBe(false);
    expect(begins(picture(3))).toBe(true);
    expect(begins(picture(3, 2))).toBe(false);
  });

  test('a shaking camera is taken for one cut at most', () => {
    const begins = createShotDetector();
    begins(picture(0));
    const found = Array.from({ length: 12 }, (_, i) => begins(picture(0, i % 2 ? 14 : 0)));
    expect(found.filter(Boolean).length).toBeLessThanOrEqual(1);
  });
});

describe('searchSquares', () => {
  test('begins with the whole picture and goes down to tiles that show 48 px faces', () => {
    const levels = searchSquares(720, 1280);
    expect(levels[0]).toEqual([{ x: 360, y: 640, size: 1280, angle: 0 }]);
    expect(levels[levels.length - 1]?.[0]?.size).toBeLessThanOrEqual(360);
  });

  test('the tiles of a level cover the picture', () => {
    for (const level of searchSquares(720, 1280).slice(1)) {
      for (let y = 5; y < 1280; y += 55) {
        for (let x = 5; x < 720; x += 55) {
          const isCovered = level.some(
            (square) =>
              Math.abs(square.x - x) <= square.size / 2 && Math.abs(square.y - y) <= square.size / 2,
          );
          expect(isCovered).toBe(true);
        }
      }
    }
  });

  test('a small picture is searched once', () => {
    expect(searchSquares(256, 256)).toHaveLength(1);
  });
});

describe('regionOfMesh', () => {
  test('is upright by the eyes and leaves a margin', () => {
    const mesh = testMesh({ unit: 100, x: 200, y: 200 });
    const turned = mesh.slice();
    for (let i = 0; i < mesh.length; i += 3) {
      turned[i] = -(mesh[i + 1] ?? 0);
      turned[i + 1] = mesh[i] ?? 0;
    }
    expect(regionOfMesh(mesh).angle).toBeCloseTo(0, 2);
    expect(regionOfMesh(turned).angle).toBeCloseTo(Math.PI / 2, 2);
    expect(regionOfMesh(turned).size).toBeCloseTo(regionOfMesh(mesh).size, 0);
    expect(regionOfMesh(mesh).size).toBeGreaterThan(250);
  });
});

describe('smoothedMesh', () => {
  const at = (x: number) => packMesh(new Float32Array(6).fill(x));

  test('packing keeps an eighth of a pixel', () => {
    const sum = new Float32Array(3);
    addMesh(sum, packMesh(Float32Array.of(12.3, -4.06, 4000)), 1);
    for (const [i, value] of [12.3, -4.06, 4000].entries())
      expect(Math.abs((sum[i] ?? 0) - value)).toBeLessThan(0.07);
  });

  test('takes trembling away and follows even movement', () => {
    const trembling = [0, 1, 0, 1, 0, 1, 0].map((value) => at(100 + value));
    expect(Math.abs((smoothedMesh(trembling, 3)?.[0] ?? 0) - 100.5)).toBeLessThan(0.15);
    expect(smoothedMesh([0, 1, 2, 3, 4, 5, 6].map(at), 3)?.[0]).toBeCloseTo(3, 4);
  });

  test('does not look beyond a gap', () => {
    const meshes = [at(0), at(0), null, at(100), at(100)];
    expect(smoothedMesh(meshes, 3)?.[0]).toBeCloseTo(100, 4);
    expect(smoothedMesh(meshes, 1)?.[0]).toBeCloseTo(0, 4);
    expect(smoothedMesh(meshes, 2)).toBeNull();
  });
});

describe('createFaceTracker', () => {
  const faces =
    (places: { x: number; y: number }[]): FaceDetector =>
    async (_, square) =>
      square.size === 400 ? places.map((place) => ({ ...place, size: 90, angle: 0, score: 0.9 })) : [];
  const reader =
    (isFace: (x: number) => boolean): MeshReader =>
    async (_, { x, y }) => ({ flag: isFace(x) ? 0.99 : 0.1, mesh: testMesh({ unit: 50, x, y: y + 10 }) });

  async function track(tracker: FaceTracker, phases: readonly number[]): Promise<TrackedFrame[]> {
    const seen: TrackedFrame[] = [];
    for (const [i, phase] of phases.entries()) seen.push(...(await tracker.next(picture(phase, i))));
    return [...seen, ...(await tracker.finish())];
  }

  test('follows two faces through a shot and begins anew after a cut', async () => {
    const tracker = createFaceTracker(
      faces([
        { x: 100, y: 200 },
        { x: 300, y: 200 },
      ]),
      reader(() => true),
      SIZE,
    );
    const seen = await track(tracker, [0, 0, 0, 0, 3, 3, 3]);
    expect(seen.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(seen.map(({ shot }) => shot)).toEqual([0, 0, 0, 0, 1, 1, 1]);
    expect(seen.map((frame) => frame.faces.length)).toEqual([2, 2, 2, 2, 2, 2, 2]);
    const [first, second] = tracker.shots();
    expect(first).toMatchObject({ start: 0, end: 4 });
    expect(second).toMatchObject({ start: 4, end: 7 });
    expect(first?.tracks.map(({ meshes }) => meshes.length)).toEqual([4, 4]);
    const ids = tracker.shots().flatMap(({ tracks }) => tracks.map(({ id }) => id));
    expect(new Set(ids).size).toBe(4);
  });

  test.each([24, 25, 30])(
    'at %d frames a second, looks for further faces after 1 s and every 3 s',
    async (fps) => {
      const looks: number[] = [];
      let frame = 0;
      const tracker = createFaceTracker(
        async (_, square) => {
          looks.push(frame);
          return square.size === 400 ? [{ x: 100, y: 200, size: 90, angle: 0, score: 0.9 }] : [];
        },
        reader(() => true),
        { ...SIZE, fps },
      );
      const still = picture(0);
      for (; frame <= 6 * fps; frame++) await tracker.next(still);
      await tracker.finish();
      expect([...new Set(looks)]).toEqual([0, fps, 3 * fps, 6 * fps]);
    },
  );

  test.each([24, 25, 30])(
    'at %d frames a second, looks for small faces every 3 s until there is one',
    async (fps) => {
      const looks: number[] = [];
      let frame = 0;
      const tracker = createFaceTracker(
        async (_, square) => {
          if (square.size < 400) looks.push(frame);
          return [];
        },
        reader(() => true),
        { width: 1280, height: 400, fps },
      );
      const wide = yuvFrame(1280, 400, new Uint8Array(yuvBytes(1280, 400)).fill(128));
      for (; frame <= 3 * fps; frame++) await tracker.next(wide);
      await tracker.finish();
      expect([...new Set(looks)]).toEqual([0, 3 * fps]);
    },
  );

  test('what the mesh model does not take for a face is dropped', async () => {
    const tracker = createFaceTracker(
      faces([
        { x: 100, y: 200 },
        { x: 300, y: 200 },
      ]),
      reader((x) => x < 200),
      SIZE,
    );
    expect((await track(tracker, [0])).map((frame) => frame.faces.length)).toEqual([1]);
  });

  test('a face that comes later leaves a gap before it, not after', async () => {
    let frame = 0;
    const late: FaceDetector = async () =>
      frame >= 3 ? [{ x: 200, y: 200, size: 90, angle: 0, score: 0.9 }] : [];
    const tracker = createFaceTracker(
      late,
      reader(() => true),
      SIZE,
    );
    for (; frame < 6; frame++) await tracker.next(picture(0, frame));
    await tracker.finish();
    const meshes = tracker.shots()[0]?.tracks[0]?.meshes ?? [];
    expect(meshes.map((mesh) => mesh !== null)).toEqual([false, false, false, true, true, true]);
  });
});
