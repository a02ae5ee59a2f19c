import { describe, expect, test } from 'bun:test';
import { stablePoints, VERTEX_COUNT } from './face.mesh';
import { fitPose, intoModel, pitchOf, yawOf } from './pose.fit';

/** A made-up rigid head: every vertex has its own place. */
const model = Float32Array.from(
  { length: VERTEX_COUNT * 3 },
  (_, i) => Math.sin(i * 1.7) + 0.3 * Math.cos(i),
);

function turned(yaw: number, scale: number, shift: number): Float32Array {
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  const image = new Float32Array(model.length);
  for (let i = 0; i < model.length; i += 3) {
    const [x = 0, y = 0, z = 0] = model.subarray(i, i + 3);
    image[i] = scale * (c * x + s * z) + shift;
    image[i + 1] = scale * y - shift;
    image[i + 2] = scale * (-s * x + c * z);
  }
  return image;
}

describe('fitPose', () => {
  test('finds scale, turn and place of a rigid head', () => {
    const pose = fitPose(model, turned(0.5, 80, 300), stablePoints);
    expect(pose.scale).toBeCloseTo(80, 3);
    expect(yawOf(pose)).toBeCloseTo(0.5, 5);
    expect(pitchOf(pose)).toBeCloseTo(0, 5);
    expect(pose.translation[0]).toBeCloseTo(300, 2);
    expect(pose.translation[1]).toBeCloseTo(-300, 2);
  });

  test('undoing the pose gives the model back', () => {
    const image = turned(-0.8, 55, 10);
    const pose = fitPose(model, image, stablePoints);
    const back = intoModel(image, pose, new Float32Array(model.length));
    for (let i = 0; i < model.length; i += 97) expect(back[i]).toBeCloseTo(model[i] ?? 0, 4);
  });

  test('a turn to the other side has the other sign', () => {
    expect(yawOf(fitPose(model, turned(-0.3, 1, 0), stablePoints))).toBeCloseTo(-0.3, 5);
  });
});
