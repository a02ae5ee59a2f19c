import { describe, expect, test } from 'bun:test';
import { decodeDetections, overlap, withoutDoubles } from './model.outputs';

function outputs(): { scores: Float32Array[]; boxes: Float32Array[] } {
  return {
    scores: [new Float32Array(512).fill(-9), new Float32Array(384).fill(-9)],
    boxes: [new Float32Array(512 * 16), new Float32Array(384 * 16)],
  };
}

describe('decodeDetections', () => {
  test('finds a face of the fine grid at its anchor, upright by its eyes', () => {
    const { scores, boxes } = outputs();
    // Cell (3, 2) of 16 px with 2 anchors: anchor 70 has its centre at (56, 40).
    scores[0]?.set([3], 70);
    boxes[0]?.set([4, -2, 64, 60, -10, 0, 10, 0], 70 * 16);
    const [face, ...others] = decodeDetections(scores, boxes);
    expect(others).toHaveLength(0);
    expect(face).toMatchObject({ x: 60 / 256, y: 38 / 256, size: 64 / 256, angle: 0 });
    expect(face?.score).toBeCloseTo(0.953, 2);
  });

  test('a tilted face has the angle of its eyes', () => {
    const { scores, boxes } = outputs();
    scores[1]?.set([2], 0);
    boxes[1]?.set([0, 0, 50, 50, 0, 0, 10, 10], 0);
    expect(decodeDetections(scores, boxes)[0]?.angle).toBeCloseTo(Math.PI / 4);
  });

  test('unsure anchors are no faces', () => {
    const { scores, boxes } = outputs();
    scores[0]?.set([-0.2], 10);
    expect(decodeDetections(scores, boxes)).toEqual([]);
  });
});

describe('withoutDoubles', () => {
  const face = (x: number, score: number) => ({ x, y: 0, size: 10, angle: 0, score });

  test('keeps the best of overlapping boxes and all that stand apart', () => {
    const kept = withoutDoubles([face(0, 0.6), face(1, 0.9), face(30, 0.7)]);
    expect(kept.map(({ x }) => x)).toEqual([1, 30]);
  });

  test('overlap is the shared part of both', () => {
    expect(overlap(face(0, 1), face(0, 1))).toBe(1);
    expect(overlap(face(0, 1), face(5, 1))).toBeCloseTo(1 / 3);
    expect(overlap(face(0, 1), face(20, 1))).toBe(0);
  });
});
