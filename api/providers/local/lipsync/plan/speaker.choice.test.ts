import { describe, expect, test } from 'bun:test';
import type { FaceNumbers, MeasuredTrack } from '../mouth/mouth.measure';
import { chooseSpeaker, fitToSound } from './speaker.choice';

const FRAMES = 75;
const speech = Float32Array.from(
  { length: FRAMES },
  (_, i) => Math.max(0, Math.sin(i * 0.7)) * Math.abs(Math.sin(i * 0.13)),
);

function track(id: number, unit: number, open: (index: number) => number | null): MeasuredTrack {
  const numbers = Array.from({ length: FRAMES }, (_, i): FaceNumbers | null => {
    const aperture = open(i);
    return aperture === null ? null : { aperture, width: 0.6, yaw: 0, pitch: 0, unit };
  });
  return { id, numbers, faceAt: () => null };
}
const speaking = (index: number): number => 0.2 * (speech[index] ?? 0) + 0.01 * Math.sin(index * 3);
const chewing = (index: number): number => 0.1 + 0.1 * Math.sin(index * 0.31 + 2);
const still = (): number => 0.01;

describe('chooseSpeaker', () => {
  test('no face, one face', () => {
    expect(chooseSpeaker([], { wantsActive: false })).toBeNull();
    expect(chooseSpeaker([track(3, 10, still)], { wantsActive: true })?.id).toBe(3);
  });

  test('without detection the largest sings, though another speaks', () => {
    const tracks = [track(1, 40, speaking), track(2, 60, still)];
    expect(chooseSpeaker(tracks, { wantsActive: false, ownSound: speech })?.id).toBe(2);
  });

  test('a large face seen for a moment is not the largest', () => {
    const tracks = [track(1, 40, still), track(2, 60, (i) => (i < 10 ? 0 : null))];
    expect(chooseSpeaker(tracks, { wantsActive: false })?.id).toBe(1);
  });

  test('with detection the mouth that fits the sound wins over size and movement', () => {
    const tracks = [track(1, 60, chewing), track(2, 40, speaking)];
    expect(chooseSpeaker(tracks, { wantsActive: true, ownSound: speech })?.id).toBe(2);
    expect(fitToSound(tracks[1] ?? track(0, 1, still), speech)).toBeGreaterThan(0.8);
  });

  test('with detection but without usable sound the most moving of equal size wins', () => {
    const tracks = [track(1, 50, still), track(2, 50, chewing)];
    expect(chooseSpeaker(tracks, { wantsActive: true })?.id).toBe(2);
    expect(chooseSpeaker(tracks, { wantsActive: true, ownSound: new Float32Array(FRAMES) })?.id).toBe(2);
  });

  test('a marked face is taken whatever else is known', () => {
    const tracks = [track(1, 60, speaking), track(2, 40, still)];
    const faces = [
      { id: 1, x: 0.25, y: 0.4 },
      { id: 2, x: 0.75, y: 0.4 },
    ];
    const hints = { wantsActive: true, ownSound: speech, marked: { x: 0.8, y: 0.5, tracks: faces } };
    expect(chooseSpeaker(tracks, hints)?.id).toBe(2);
  });
});
