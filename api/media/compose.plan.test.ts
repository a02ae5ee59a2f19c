import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { composePlan, type PlannedTake } from './compose.plan.rules';

/** Takes with a key frame every 48 frames, as ours have. */
const take = (frames: number): PlannedTake => ({
  frames,
  keyFrames: Array.from({ length: Math.ceil(frames / 48) }, (_, at) => at * 48),
});
const none = { inFrames: 0, outFrames: 0 };

test('without fades, every take is copied whole', () => {
  const plan = composePlan([take(100), take(50)], { songFrames: 400, ending: 'as-is', fades: none });
  expect(plan.frames).toBe(150);
  expect(plan.pieces).toEqual([
    { kind: 'copy', index: 0, from: 0, to: 100, hold: 0, start: 0 },
    { kind: 'copy', index: 1, from: 0, to: 50, hold: 0, start: 100 },
  ]);
});

test('a fade encodes only its own frames, at the beginning up to the next key frame', () => {
  const fades = { inFrames: 10, outFrames: 24 };
  expect(composePlan([take(100), take(96)], { songFrames: 0, ending: 'as-is', fades }).pieces).toEqual([
    { kind: 'encode', index: 0, from: 0, to: 48, hold: 0, start: 0 },
    { kind: 'copy', index: 0, from: 48, to: 100, hold: 0, start: 48 },
    { kind: 'copy', index: 1, from: 0, to: 72, hold: 0, start: 100 },
    { kind: 'encode', index: 1, from: 72, to: 96, hold: 0, start: 172 },
  ]);
});

test('cut to the song, the rest is left off; filled, the last frame is held', () => {
  const takes = [take(100), take(50)];
  const cut = composePlan(takes, { songFrames: 120, ending: 'cut-to-song', fades: none });
  expect(cut.pieces.at(-1)).toEqual({ kind: 'copy', index: 1, from: 0, to: 20, hold: 0, start: 100 });
  expect(composePlan(takes, { songFrames: 90, ending: 'cut-to-song', fades: none }).pieces).toHaveLength(1);
  const filled = composePlan(takes, { songFrames: 200, ending: 'fill', fades: none });
  expect(filled.pieces.slice(1)).toEqual([
    { kind: 'copy', index: 1, from: 0, to: 49, hold: 0, start: 100 },
    { kind: 'encode', index: 1, from: 49, to: 50, hold: 50, start: 149 },
  ]);
  // A longer song changes nothing that is cut to it, a shorter one nothing that is filled.
  expect(composePlan(takes, { songFrames: 500, ending: 'cut-to-song', fades: none }).frames).toBe(150);
  expect(composePlan(takes, { songFrames: 20, ending: 'fill', fades: none }).frames).toBe(150);
});

test('the pieces of any plan are the frames of the video, each once and in order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 0, max: 1200 }),
      fc.constantFrom('as-is', 'cut-to-song', 'fill'),
      fc.integer({ min: 0, max: 300 }),
      fc.integer({ min: 0, max: 300 }),
      (lengths, songFrames, ending, inFrames, outFrames) => {
        const takes = lengths.map(take);
        const plan = composePlan(takes, { songFrames, ending, fades: { inFrames, outFrames } });
        let at = 0;
        let taken = { index: 0, to: 0 };
        for (const piece of plan.pieces) {
          expect(piece.start).toBe(at);
          expect(piece.to).toBeGreaterThan(piece.from);
          expect(piece.from).toBe(piece.index === taken.index ? taken.to : 0);
          // Copied frames are decodable: from the take's start or a key frame, never faded.
          if (piece.kind === 'copy') {
            expect(takes[piece.index]?.keyFrames).toContain(piece.from);
            expect(at).toBeGreaterThanOrEqual(plan.fades.inFrames);
            expect(at + piece.to - piece.from).toBeLessThanOrEqual(plan.frames - plan.fades.outFrames);
          }
          at += piece.to - piece.from + piece.hold;
          taken = { index: piece.index, to: piece.to };
        }
        expect(at).toBe(plan.frames);
      },
    ),
    { numRuns: 3000 },
  );
});
