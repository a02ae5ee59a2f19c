import { describe, expect, test } from 'bun:test';
import * as fc from 'fast-check';
import {
  type ClipWindow,
  defaultWindow,
  type KeptWindow,
  keptDefaultWindow,
} from '../contract/window.schema';
import { someTake } from './takes.fixture';
import {
  cutOfSync,
  fits,
  latestInFrame,
  missingFrames,
  movedWindow,
  sameWindow,
  shownFrames,
  trimmedTo,
  windowOf,
} from './window.rules';

const format = { width: 1280, height: 720, fps: 25 as const };
const window = (over: Partial<ClipWindow> = {}): ClipWindow => ({ ...defaultWindow, ...over });
const framing = (over: Partial<ClipWindow['framing']>) => ({ ...defaultWindow.framing, ...over });
const original = someTake({ id: 'original', frames: 100 });
const tall = someTake({ id: 'original', frames: 100, width: 405, height: 720 });

const speeds = fc.oneof(fc.constantFrom(0.25, 0.5, 1, 2, 4), fc.double({ min: 0.25, max: 4, noNaN: true }));
const slots = fc.record({
  window: fc.record({ inFrame: fc.nat(299), speed: speeds }).map((over) => window(over)),
  slotFrames: fc.integer({ min: 1, max: 500 }),
});
/** The frame of the clip that a frame of the slot shows, as it is defined. */
const frameAt = ({ inFrame, speed }: ClipWindow, frame: number) => inFrame + Math.floor(frame * speed + 1e-9);

describe('how far a clip reaches', () => {
  test('counts the frames of the slot that show none of the clip', () => {
    fc.assert(
      fc.property(slots, fc.integer({ min: 300, max: 600 }), (wanted, sourceFrames) => {
        const beyond = Array.from({ length: wanted.slotFrames }, (_, k) => frameAt(wanted.window, k)).filter(
          (frame) => frame >= sourceFrames,
        );
        // Where a frame lies within rounding of the end either is right.
        expect(Math.abs(missingFrames(wanted, sourceFrames) - beyond.length)).toBeLessThanOrEqual(1);
      }),
    );
    expect(missingFrames({ window: window({ speed: 0.5 }), slotFrames: 200 }, 100)).toBe(0);
    expect(missingFrames({ window: window({ speed: 0.5 }), slotFrames: 201 }, 100)).toBe(1);
    expect(missingFrames({ window: window({ inFrame: 90 }), slotFrames: 50 }, 100)).toBe(40);
    expect(missingFrames({ window: window({ speed: 2 }), slotFrames: 50 }, 100)).toBe(0);
  });

  test('names the frames that are shown, which always are some of the clip', () => {
    fc.assert(
      fc.property(slots, fc.integer({ min: 1, max: 600 }), (wanted, sourceFrames) => {
        const { from, to } = shownFrames(wanted, sourceFrames);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeGreaterThan(from);
        expect(to).toBeLessThanOrEqual(Math.max(sourceFrames, from + 1));
      }),
    );
  });

  test('a slip to the last in point that covers the slot leaves nothing missing, one further does', () => {
    fc.assert(
      fc.property(speeds, fc.integer({ min: 1, max: 70 }), (speed, slotFrames) => {
        const last = latestInFrame({ window: window({ speed }), slotFrames }, 300);
        const missing = (inFrame: number) =>
          missingFrames({ window: window({ inFrame, speed }), slotFrames }, 300);
        expect(missing(last)).toBe(0);
        expect(missing(last + 1)).toBeGreaterThan(0);
      }),
    );
  });
});

describe('cutting', () => {
  test('both parts show what the whole showed, to the frame at whole speeds, else to the nearest', () => {
    fc.assert(
      fc.property(slots, fc.nat(499), (whole, at) => {
        fc.pre(at > 0 && at < whole.slotFrames);
        const part = movedWindow(whole.window, at, 5000);
        for (let frame = at; frame < whole.slotFrames; frame++) {
          const difference = frameAt(part, frame - at) - frameAt(whole.window, frame);
          expect(Math.abs(difference)).toBeLessThanOrEqual(Number.isInteger(whole.window.speed) ? 0 : 1);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('cuts and back again end where they began at whole speeds', () => {
    const moved = movedWindow(window({ inFrame: 20, speed: 2 }), 7, 100);
    expect(moved.inFrame).toBe(34);
    expect(movedWindow(moved, -7, 100).inFrame).toBe(20);
  });

  test('stays in the clip', () => {
    expect(movedWindow(window({ inFrame: 3 }), -10, 100).inFrame).toBe(0);
    expect(movedWindow(window({ inFrame: 90, speed: 4 }), 50, 100).inFrame).toBe(99);
  });

  test('a trim counts in the clip, the slot in the song', () => {
    expect(trimmedTo(window({ speed: 0.5 }), { inFrame: 10, outFrame: 30 })).toMatchObject({
      slotFrames: 40,
    });
    expect(trimmedTo(window({ speed: 4 }), { inFrame: 10, outFrame: 11 })).toMatchObject({ slotFrames: 1 });
  });
});

describe('which take fits', () => {
  const wanted = (over: Partial<ClipWindow> = {}, slotFrames = 100) => ({ window: window(over), slotFrames });
  const fitted = (over: Partial<ClipWindow> = {}, frames = 100) =>
    someTake({ kind: 'trimmed', parentId: 'original', frames, window: window(over) });

  test('the original where its whole length is wanted, as it is', () => {
    expect(fits(original, wanted(), original, format)).toBe(true);
    expect(fits(original, wanted({ framing: framing({ mode: 'fit' }) }), original, format)).toBe(true);
    expect(fits(original, wanted({ ending: 'bounce' }), original, format)).toBe(true);
    expect(fits(original, wanted({}, 99), original, format)).toBe(false);
    expect(fits(original, wanted({ inFrame: 1 }), original, format)).toBe(false);
    expect(fits(original, wanted({ speed: 2 }), original, format)).toBe(false);
    expect(fits(original, wanted({ framing: framing({ mode: 'free', scale: 2 }) }), original, format)).toBe(
      false,
    );
    expect(fits(tall, wanted(), tall, format)).toBe(false);
  });

  test('an original that was put on black fits as that alone', () => {
    const old = someTake({ frames: 100, window: window({ framing: framing({ mode: 'fit' }) }) });
    expect(fits(old, wanted({ framing: framing({ mode: 'fit' }) }), old, format)).toBe(true);
    expect(fits(old, wanted(), old, format)).toBe(false);
  });

  test('a part of a clip’s file is not the clip', () => {
    const part = someTake({ frames: 100, sourceFrames: 900 });
    expect(fits(part, wanted(), part, format)).toBe(true);
    expect(missingFrames(wanted({}, 200), 900)).toBe(0);
    expect(fits(part, wanted({}, 200), part, format)).toBe(false);
  });

  test('a fitted take by the window that it was made with; what has no effect doesn’t count', () => {
    expect(fits(fitted({ inFrame: 5 }, 40), wanted({ inFrame: 5 }, 40), original, format)).toBe(true);
    expect(fits(fitted({ inFrame: 5 }, 40), wanted({ inFrame: 6 }, 40), original, format)).toBe(false);
    expect(fits(fitted({ blend: true }, 40), wanted({}, 40), original, format)).toBe(true);
    expect(fits(fitted({ speed: 0.5, blend: true }, 40), wanted({ speed: 0.5 }, 40), original, format)).toBe(
      false,
    );
    expect(fits(fitted({ ending: 'bounce' }, 120), wanted({}, 120), original, format)).toBe(false);
    const left = framing({ x: 0.1 });
    expect(fits(fitted({ framing: left }, 40), wanted({}, 40), original, format)).toBe(true);
    expect(fits(fitted({ framing: left }, 40), wanted({}, 40), tall, format)).toBe(false);
    const blur = framing({ background: 'blur' });
    expect(fits(fitted({ framing: blur }, 40), wanted({}, 40), tall, format)).toBe(true);
    expect(fits(fitted({ framing: { ...blur, mode: 'fit' } }, 40), wanted({}, 40), tall, format)).toBe(false);
  });

  test('the same window is the same both ways', () => {
    const windows = fc
      .record({
        inFrame: fc.nat(3),
        speed: fc.constantFrom(0.5, 1),
        blend: fc.boolean(),
        ending: fc.constantFrom('hold' as const, 'bounce' as const),
        framing: fc.record({
          mode: fc.constantFrom('fill' as const, 'fit' as const, 'free' as const),
          background: fc.constantFrom('#000000', 'blur'),
          x: fc.constantFrom(0.5, 1),
          y: fc.constant(0.5),
          scale: fc.constantFrom(1, 2),
        }),
      })
      .map((one): ClipWindow => one);
    fc.assert(
      fc.property(windows, windows, fc.constantFrom(original, tall), (a, b, clip) => {
        const [one, other] = [
          { window: a, slotFrames: 90 },
          { window: b, slotFrames: 90 },
        ];
        expect(sameWindow(one, one, clip, format)).toBe(true);
        expect(sameWindow(one, other, clip, format)).toBe(sameWindow(other, one, clip, format));
      }),
    );
  });
});

describe('what of a lip-sync a scene shows', () => {
  const sync = someTake({ kind: 'lipsynced', frames: 60, window: window({ inFrame: 10 }) });
  const cut = (over: Partial<ClipWindow>, slotFrames: number) =>
    cutOfSync(sync, { window: window(over), slotFrames }, original, format);

  test('any part of it', () => {
    expect(cut({ inFrame: 10 }, 60)).toEqual({ first: 0 });
    expect(cut({ inFrame: 25 }, 45)).toEqual({ first: 15 });
  });

  test('nothing where it doesn’t reach or the clip is shown otherwise', () => {
    expect(cut({ inFrame: 9 }, 60)).toBeNull();
    expect(cut({ inFrame: 25 }, 46)).toBeNull();
    expect(cut({ inFrame: 10, speed: 2 }, 30)).toBeNull();
    expect(cut({ inFrame: 10, framing: framing({ mode: 'free', scale: 2 }) }, 60)).toBeNull();
  });

  test('a part of a part is the part of the whole, also at other speeds', () => {
    fc.assert(
      fc.property(speeds, fc.nat(40), fc.nat(19), (speed, first, more) => {
        const whole = someTake({ kind: 'lipsynced', frames: 100, window: window({ inFrame: 10, speed }) });
        const long = someTake({ id: 'original', frames: 1000 });
        const one = { window: movedWindow(window({ inFrame: 10, speed }), first, 1000), slotFrames: 40 };
        const found = cutOfSync(whole, one, long, format);
        expect(found).not.toBeNull();
        // Below speed 1 several frames of the slot show the same frame of the clip.
        const tolerance = speed < 1 ? Math.ceil(1 / speed) : 0;
        expect(Math.abs((found?.first ?? 0) - first)).toBeLessThanOrEqual(tolerance);
        expect(more).toBeLessThan(20);
      }),
    );
  });
});

describe('where a picture lies that nobody put anywhere', () => {
  const scene = { window: null, faceMiddle: null, lipsyncTake: null, originalTake: tall };
  const faceMiddle = { x: 0.4, y: 0.2 };
  const kept = (over: Partial<KeptWindow['framing']>): KeptWindow => ({
    ...keptDefaultWindow,
    framing: { ...keptDefaultWindow.framing, ...over },
  });

  test('where the face is, else in the middle', () => {
    expect(windowOf(scene)).toEqual(defaultWindow);
    expect(windowOf({ ...scene, faceMiddle }).framing).toEqual(framing(faceMiddle));
    expect(windowOf({ ...scene, faceMiddle, window: kept({ y: 0.7 }) }).framing).toEqual(
      framing({ x: 0.4, y: 0.7 }),
    );
    expect(windowOf({ ...scene, faceMiddle, window: kept({ mode: 'free' }) }).framing).toEqual(
      framing({ mode: 'free' }),
    );
  });
  test('it stays unchosen when a scene is cut', () => {
    expect(movedWindow(kept({}), 5, 100).framing.x).toBeNull();
    expect(trimmedTo(kept({}), { inFrame: 5, outFrame: 9 }).window.framing.x).toBeNull();
  });
  test('a lip-sync that was cropped keeps its place, one that shows the whole picture has none', () => {
    const lipsyncTake = someTake({ kind: 'lipsynced', frames: 50, window: window() });
    expect(windowOf({ ...scene, faceMiddle, lipsyncTake }).framing).toEqual(framing({}));
    expect(windowOf({ ...scene, faceMiddle, lipsyncTake, originalTake: original }).framing).toEqual(
      framing(faceMiddle),
    );
  });
  test('a face that is found changes what is shown of clips of another shape only', () => {
    const at = (clip: typeof tall) => {
      const wanted = (middle: typeof faceMiddle | null) => ({
        window: windowOf({ ...scene, faceMiddle: middle }),
        slotFrames: 50,
      });
      return sameWindow(wanted(null), wanted(faceMiddle), clip, format);
    };
    expect([at(tall), at(original)]).toEqual([false, true]);
  });
});
