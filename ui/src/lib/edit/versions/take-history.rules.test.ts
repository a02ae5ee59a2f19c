import { expect, test } from 'bun:test';
import { alignTakes, makingOf, placeInOriginal } from './take-history.rules.ts';

const trim = (inFrame: number, outFrame: number) => ({ inFrame, outFrame, in: 0, out: 0 });
const original = { id: 'o', parentId: null, frames: 100, trim: null };
const trimmed = { id: 't', parentId: 'o', frames: 40, trim: trim(20, 60) };
const synced = { id: 'l', parentId: 't', frames: 40, trim: null };
const early = { id: 'e', parentId: 'o', frames: 10, trim: trim(0, 10) };
const other = { id: 'x', parentId: null, frames: 30, trim: null };
const takes = [original, trimmed, synced, early, other];

test('a take knows where in its original it begins', () => {
  expect(placeInOriginal(synced, takes)).toEqual({ rootId: 'o', frame: 20 });
  expect(placeInOriginal(original, takes)).toEqual({ rootId: 'o', frame: 0 });
});

test('takes of one original are lined up by its frames', () => {
  expect(alignTakes(original, synced, takes)).toEqual({ startA: 20, startB: 0, frames: 40 });
  expect(alignTakes(synced, trimmed, takes)).toEqual({ startA: 0, startB: 0, frames: 40 });
});

test('takes that share nothing both begin at their first frame', () => {
  expect(alignTakes(synced, early, takes)).toEqual({ startA: 0, startB: 0, frames: 10 });
  expect(alignTakes(original, other, takes)).toEqual({ startA: 0, startB: 0, frames: 30 });
});

test('reads how a take was made, and nothing out of a record that says nothing', () => {
  expect(
    makingOf({
      madeBy: {
        provider: 'local',
        model: 'songreel-1',
        options: { temperature: 0.7, occlusion_detection_enabled: true },
        processingTimeSeconds: 3.2,
      },
    }),
  ).toEqual({
    provider: 'local',
    model: 'songreel-1',
    temperature: 0.7,
    activeSpeaker: false,
    occlusion: true,
    prompt: null,
    seconds: 3.2,
  });
  expect(makingOf({ madeBy: {} }).provider).toBeNull();
});
