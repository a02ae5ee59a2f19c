import { describe, expect, test } from 'bun:test';
import { yuvBytes, yuvFrame } from '../pictures/yuv.frame';
import { testMesh } from '../test/made-up.face';
import { createMouthLibrary, cutMouth } from './mouth.library';

const frame = yuvFrame(200, 200, new Uint8Array(yuvBytes(200, 200)).fill(90));
const mesh = testMesh({ unit: 60, x: 100, y: 100 });

describe('createMouthLibrary', () => {
  test('keeps every frame of a short clip, in order', () => {
    const library = createMouthLibrary(1e8);
    for (let i = 0; i < 20; i++) library.add(i, frame, mesh);
    expect(library.crops().map((crop) => crop.frame)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  test('thins out evenly when memory is short', () => {
    const bytes = cutMouth(0, frame, mesh).crop.data.length;
    const library = createMouthLibrary(bytes * 10);
    for (let i = 0; i < 160; i++) library.add(i, frame, mesh);
    const kept = library.crops().map((crop) => crop.frame);
    expect(kept).toEqual([0, 16, 32, 48, 64, 80, 96, 112, 128, 144]);
  });

  test('keeps runs of frames, which can be borrowed one after the other', () => {
    const library = createMouthLibrary(1e9);
    for (let i = 0; i < 3000; i++) library.add(i, frame, mesh);
    const frames = library.crops().map((crop) => crop.frame);
    const following = frames.filter((number, i) => number === (frames[i - 1] ?? -2) + 1);
    expect(following.length / frames.length).toBeGreaterThan(0.9);
    expect(Math.max(...frames)).toBeGreaterThan(2800);
  });

  test('stays bounded for a clip of any length', () => {
    const library = createMouthLibrary(1e9);
    for (let i = 0; i < 3000; i++) library.add(i, frame, mesh);
    expect(library.crops().length).toBeLessThanOrEqual(600);
    expect(library.crops().length).toBeGreaterThan(300);
  });

  test('a mouth at the edge of the picture is cut at the edge', () => {
    const crop = cutMouth(0, frame, testMesh({ unit: 60, x: 5, y: 195 }));
    expect(crop.originX).toBe(0);
    expect(crop.originY + crop.crop.height).toBe(200);
  });
});
