import { expect, test } from 'bun:test';
import { type PlacedClip, planLineUp, type SlotToFill, windowAt } from './line-up.rules';

const fps = 25;
const found = (takeId: string, offsetSeconds: number, seconds: number, rate = 1): PlacedClip => ({
  takeId,
  sourceFrames: seconds * fps,
  finding: {
    confidence: 'certain',
    likelihood: 1,
    place: { offsetSeconds, rate },
    alternatives: [],
    heard: { from: 0, to: seconds },
  },
});
const slots = (takeIds: (string | null)[], slotFrames = 50): SlotToFill[] =>
  takeIds.map((takeId, index) => ({
    sceneId: `scene-${index + 1}`,
    sequence: index + 1,
    startFrame: index * slotFrames,
    slotFrames,
    takeId,
    window: { inFrame: 0, speed: 1 },
    busy: false,
  }));
const plan = (scenes: SlotToFill[], clips: PlacedClip[], refill: number[] = []) =>
  planLineUp(scenes, clips, { fps, refill: new Set(refill) });

test('a clip that was filmed from 10 s on shows its frame 50 under a slot that begins at 12 s', () => {
  expect(windowAt({ offsetSeconds: 10, rate: 1 }, { startFrame: 300, slotFrames: 75 }, fps)).toEqual({
    inFrame: 50,
    speed: 1,
  });
});

test('at every frame of a slot a clip at another speed is at most half a frame off', () => {
  for (const rate of [0.995, 0.9991, 1, 1.0004, 1.005]) {
    for (const slotFrames of [10, 75, 250, 1500]) {
      for (const startFrame of [0, 33, 1000]) {
        const place = { offsetSeconds: -7.313, rate };
        const window = windowAt(place, { startFrame, slotFrames }, fps);
        for (const k of [0, Math.floor(slotFrames / 2), slotFrames - 1]) {
          const exact = (((startFrame + k) / fps - place.offsetSeconds) / rate) * fps;
          expect(Math.abs(window.inFrame + k * window.speed - exact)).toBeLessThan(1.01);
        }
      }
    }
  }
});

test('a scene keeps its clip and gets the window in sync; one that is in sync stays', () => {
  const [first, second] = plan(slots(['a', 'a']), [found('a', -3, 20)]);
  expect(first).toMatchObject({ change: 'window', takeId: 'a', window: { inFrame: 75, speed: 1 } });
  expect(second).toMatchObject({ change: 'window', window: { inFrame: 125, speed: 1 } });
  const [again] = plan(
    slots(['a']).map((slot) => ({ ...slot, window: { inFrame: 75, speed: 1 } })),
    [found('a', -3, 20)],
  );
  expect(again).toMatchObject({ change: 'none', inSync: true, reason: 'in-sync' });
});

test('empty scenes are cut from the clips that reach over them, in turns', () => {
  const planned = plan(slots([null, null, null, null, null]), [found('a', 0, 8), found('b', 2, 20)]);
  expect(planned.map(({ takeId }) => takeId)).toEqual(['a', 'b', 'a', 'b', 'b']);
  expect(planned.map(({ window }) => window?.inFrame)).toEqual([0, 0, 100, 100, 150]);
  expect(planned.every(({ change }) => change === 'clip')).toBeTrue();
});

test('what nothing reaches, other sounds, clips filmed elsewhere and scenes without length stay', () => {
  const other: PlacedClip = {
    ...found('x', 0, 5),
    finding: { ...found('x', 0, 5).finding, confidence: 'none', place: null },
  };
  const scenes = slots(['x', 'a', null, 'unheard']).concat({
    ...(slots([null])[0] as SlotToFill),
    sequence: 5,
    startFrame: null,
    slotFrames: null,
  });
  expect(plan(scenes, [other, found('a', 60, 10)]).map(({ reason, change }) => [reason, change])).toEqual([
    ['other-sound', 'none'],
    ['elsewhere', 'none'],
    ['no-clip-here', 'none'],
    ['not-heard', 'none'],
    ['no-length', 'none'],
  ]);
});

test('scenes that are asked for get another clip; others keep theirs; busy ones stay', () => {
  const [first, second] = plan(slots(['x', 'x']), [found('a', 0, 10)], [1]);
  expect(first).toMatchObject({ change: 'clip', takeId: 'a' });
  expect(second).toMatchObject({ change: 'none', reason: 'not-heard' });
  const [busy] = plan(
    slots([null]).map((slot) => ({ ...slot, busy: true })),
    [found('a', 0, 10)],
  );
  expect(busy).toMatchObject({ change: 'none', reason: 'busy' });
});

test('a copied chorus is taken where the scene stands', () => {
  const clip = found('a', 60, 10);
  const unsure: PlacedClip = {
    ...clip,
    finding: { ...clip.finding, confidence: 'unsure', alternatives: [{ offsetSeconds: 0, rate: 1 }] },
  };
  expect(plan(slots(['a']), [unsure])[0]).toMatchObject({
    confidence: 'unsure',
    window: { inFrame: 0, speed: 1 },
  });
});
