import { describe, expect, test } from 'bun:test';
import { lowerInner, upperInner } from '../faces/face.mesh';
import { yuvBytes, yuvFrame } from '../pictures/yuv.frame';
import { testMesh } from '../test/made-up.face';
import { bareTeeth, type SeenMouth } from './bare.teeth';

const lip = { y: 100, u: 120, v: 170 };
const mesh = testMesh({ unit: 100, x: 100, y: 100 });

/** A red picture, grey between the lips when the teeth show. */
function mouth(showsTeeth: boolean): SeenMouth {
  const crop = yuvFrame(200, 200, new Uint8Array(yuvBytes(200, 200)).fill(lip.y));
  crop.v.fill(lip.v);
  if (showsTeeth) {
    const row = Math.round(
      ((mesh[upperInner[5] * 3 + 1] ?? 0) + (mesh[(lowerInner[5] ?? 0) * 3 + 1] ?? 0)) / 4,
    );
    crop.v.fill(132, (row - 2) * 100, (row + 3) * 100);
  }
  return { crop, originX: 0, originY: 0, mesh, unit: 100 };
}

describe('bareTeeth', () => {
  test('tells mouths that show their teeth from shut ones with the same mesh', () => {
    const seen = [false, false, true, true, true].map(mouth);
    expect([...bareTeeth(seen, lip)]).toEqual([0, 0, 1, 1, 1]);
  });

  test('a clip whose mouth stays shut shows none', () => {
    expect([...bareTeeth([mouth(false), mouth(false), mouth(false)], lip)]).toEqual([0, 0, 0]);
    expect([...bareTeeth([], lip)]).toEqual([]);
  });
});
