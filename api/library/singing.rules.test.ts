import { describe, expect, test } from 'bun:test';
import type { Faces, Voice } from '../contract/singing.schema';
import { faceMiddleIn, type SingingFacts, sceneSinging } from './singing.rules';

const face = { x: 0.4, y: 0.2, width: 0.2, height: 0.3 };
const seen = (...faces: boolean[]) => faces.map((is, i) => ({ frame: 20 + i * 50, faces: is ? [face] : [] }));
const found: Faces = { result: 'found', count: 1, middle: { x: 0.5, y: 0.35 }, seen: seen(true, true) };
const nobody: Faces = { result: 'none', count: 0, middle: null, seen: seen(false, false) };
const doubtful: Faces = { ...nobody, result: 'unknown' };
const sung: Voice = { phrases: [[100, 300]], possible: [[50, 320]] };
const instruments: Voice = { phrases: [], possible: [] };

/** Seconds 1 to 3 of the song, at 25 frames a second. */
const facts = (over: Partial<SingingFacts>): SingingFacts => ({
  hasClip: true,
  isSynced: false,
  faces: found,
  isLooking: false,
  shown: null,
  voice: sung,
  startFrame: 25,
  frames: 50,
  fps: 25,
  byHand: null,
  ...over,
});
const of = (over: Partial<SingingFacts>) => {
  const { singing, needsLipSync } = sceneSinging(facts(over));
  return [singing, needsLipSync];
};

describe('who sings', () => {
  test('a face and a voice', () => {
    expect(of({})).toEqual(['singing', true]);
    expect(sceneSinging(facts({})).faceMiddle).toEqual({ x: 0.5, y: 0.35 });
  });
  test('nobody, or no voice: nothing to sync', () => {
    expect(of({ faces: nobody })).toEqual(['no-face', false]);
    expect(of({ voice: instruments })).toEqual(['no-voice', false]);
    expect(of({ startFrame: 100 })).toEqual(['no-voice', false]);
  });
  test('a new clip is looked at; a voice that is surely not there needs no look', () => {
    expect(of({ faces: null, isLooking: true })).toEqual(['looking', true]);
    expect(of({ faces: null, isLooking: true, voice: instruments })).toEqual(['no-voice', false]);
    expect(of({ faces: null, isLooking: true, isSynced: true })).toEqual(['singing', true]);
  });
  test('not looked yet, not sure, no clip, no song: unknown, which may need it', () => {
    for (const over of [
      { faces: null },
      { faces: doubtful },
      { voice: null },
      { startFrame: null },
      { hasClip: false },
      // From 3.0 s on the song only may have a voice.
      { startFrame: 75, frames: 25 },
    ]) {
      expect(of(over)).toEqual(['unknown', true]);
    }
  });
  test('nobody to be seen is certain without a voice that was listened for', () => {
    expect(of({ faces: nobody, voice: null })).toEqual(['no-face', false]);
  });
  test('a tail of a voice that is shorter than a syllable is none', () => {
    expect(of({ startFrame: 80, voice: { phrases: [[300, 330]], possible: [[300, 330]] } })[0]).toBe(
      'no-voice',
    );
  });
  test('the part of a clip whose pictures show nobody is not known, its neighbours count', () => {
    const faces = { ...found, seen: seen(true, false, false, false) };
    expect(of({ faces, shown: [0, 50] })[0]).toBe('singing');
    expect(of({ faces, shown: [30, 60] })[0]).toBe('singing');
    expect(of({ faces, shown: [125, 180] })).toEqual(['unknown', true]);
  });
});

test('the face of a part of a clip is where it is seen there', () => {
  const at = (frame: number, x: number) => ({ frame, faces: [{ x, y: 0.2, width: 0.2, height: 0.2 }] });
  const faces = { ...found, seen: [at(20, 0), at(70, 0.4), at(120, 0.6), at(170, 0.8)] };
  expect(faceMiddleIn(faces, [0, 50])?.x).toBeCloseTo(0.1);
  expect(faceMiddleIn(faces, [60, 130])?.x).toBeCloseTo(0.6);
  expect(faceMiddleIn(faces, [60, 200])?.x).toBeCloseTo(0.7);
  expect(faceMiddleIn(faces, [30, 50])).toEqual(found.middle);
  expect(faceMiddleIn(null, [0, 50])).toBeNull();
});

describe('who is to be synced', () => {
  test('what was said by hand counts before all', () => {
    expect(of({ faces: nobody, byHand: true })).toEqual(['no-face', true]);
    expect(of({ byHand: false })).toEqual(['singing', false]);
    expect(of({ isSynced: true, byHand: false })).toEqual(['singing', false]);
  });
  test('what is synced stays so, whatever is seen and heard', () => {
    expect(of({ isSynced: true, faces: nobody })).toEqual(['singing', true]);
    expect(of({ isSynced: true, voice: instruments })).toEqual(['no-voice', true]);
  });
});
