import { afterAll, beforeEach, describe, expect, spyOn, test } from 'bun:test';
import { compileRunes } from '#lib/testing/compile-runes.ts';

compileRunes();
const { ClipsClock } = await import('./clips-clock.svelte.ts');

/** A media element, whose time the test moves. */
class Media {
  currentTime = 0;
  playbackRate = 1;
  paused = true;
  seeking = false;
  refusal: Error | null = null;
  duration: number;
  constructor(duration = Number.POSITIVE_INFINITY) {
    this.duration = duration;
  }
  get ended() {
    return this.currentTime >= this.duration;
  }
  async play() {
    if (this.refusal !== null) throw this.refusal;
    this.paused = false;
  }
  pause() {
    this.paused = true;
  }
}

let milliseconds = 0;
let next: FrameRequestCallback | null = null;
const time = spyOn(performance, 'now').mockImplementation(() => milliseconds);
const before = { request: globalThis.requestAnimationFrame, cancel: globalThis.cancelAnimationFrame };
globalThis.requestAnimationFrame = (callback) => {
  next = callback;
  return 1;
};
globalThis.cancelAnimationFrame = () => {
  next = null;
};
afterAll(() => {
  time.mockRestore();
  globalThis.requestAnimationFrame = before.request;
  globalThis.cancelAnimationFrame = before.cancel;
});
beforeEach(() => {
  next = null;
});

/** Time goes on, and the screen asks for its next picture; media that play go along. */
function pass(seconds: number, ...media: Media[]) {
  milliseconds += seconds * 1000;
  for (const one of media) if (!one.paused) one.currentTime += seconds * one.playbackRate;
  const callback = next;
  next = null;
  callback?.(milliseconds);
}
const at25 = { length: 2, fps: 25 };

describe('the clock', () => {
  test('follows the song from where the scene lies in it', async () => {
    const [song, clock] = [new Media(60), new ClipsClock()];
    clock.set({ ...at25, song: { element: song, start: 10 } });
    await clock.play();
    expect(song.currentTime).toBe(10);
    pass(0.5, song);
    expect(clock.time).toBeCloseTo(0.5, 9);
    // The computer's clock goes on while the song is held up: the song leads.
    pass(0.3);
    expect(clock.time).toBeCloseTo(0.5, 9);
    clock.pause();
    expect([song.paused, next]).toEqual([true, null]);
  });

  test('counts by itself without a song, at its speed, and goes on where the song ends', async () => {
    const clock = new ClipsClock();
    clock.set({ ...at25, song: null });
    clock.setSpeed(2);
    await clock.play();
    pass(0.4);
    expect(clock.time).toBeCloseTo(0.8, 9);
    clock.setSpeed(0.5);
    pass(0.4);
    expect(clock.time).toBeCloseTo(1, 9);

    const [song, other] = [new Media(1), new ClipsClock()];
    other.set({ ...at25, song: { element: song, start: 0 } });
    await other.play();
    pass(1, song);
    pass(0.5);
    expect(other.time).toBeCloseTo(1.5, 9);
  });

  test('goes on without a song that can’t be played, but not for one that was only paused again', async () => {
    const [song, clock] = [new Media(60), new ClipsClock()];
    clock.set({ ...at25, song: { element: song, start: 0 } });
    song.refusal = new DOMException('paused', 'AbortError');
    await clock.play();
    expect(clock.songFailed).toBe(false);
    clock.pause();
    song.refusal = new DOMException('no decoder', 'NotSupportedError');
    await clock.play();
    pass(0.2);
    expect([clock.songFailed, clock.time]).toEqual([true, 0.2]);
  });

  test('at its end it goes back to the beginning; from the last frame it begins anew', async () => {
    const clock = new ClipsClock();
    clock.set({ ...at25, song: null });
    await clock.play();
    pass(2.01);
    expect([clock.playing, clock.time]).toEqual([false, 0]);
    clock.seek(49 / 25);
    await clock.play();
    expect(clock.time).toBe(0);
    clock.stop();
  });

  test('steps by whole frames, and stays within its length', () => {
    const clock = new ClipsClock();
    clock.set({ ...at25, song: null });
    clock.seek(0.05);
    const times = [1, -5, 100].map((frames) => {
      clock.step(frames);
      return clock.time;
    });
    expect(times).toEqual([2 / 25, 0, 49 / 25]);
    clock.seek(7);
    expect(clock.time).toBe(2);
  });
});

describe('clips on the clock', () => {
  test('stand on the same frame, in its middle', () => {
    const [a, b, clock] = [new Media(), new Media(), new ClipsClock()];
    const clips = [
      { element: a, start: 0 },
      { element: b, start: 0.4 },
    ];
    clock.set({ ...at25, song: null }, clips);
    clock.seek(0.3);
    expect([a.currentTime, b.currentTime]).toEqual([7.5 / 25, 0.4 + 7.5 / 25]);
    clock.seek(2);
    expect(a.currentTime).toBe(49.5 / 25);
  });

  test('are led back by their speed from near, and by a seek from far', async () => {
    const [near, far, clock] = [new Media(), new Media(), new ClipsClock()];
    const clips = [near, far].map((element) => ({ element, start: 0 }));
    clock.set({ ...at25, song: null }, clips);
    await clock.play();
    near.currentTime = 0.35;
    far.currentTime = 1.5;
    pass(0.4);
    expect([near.paused, near.playbackRate > 1]).toEqual([false, true]);
    expect(Math.abs(far.currentTime - 0.4)).toBeLessThan(0.05);
  });

  test('begin with the song, and are led back to it while it is brought to its place', async () => {
    const [song, clip, clock] = [new Media(60), new Media(), new ClipsClock()];
    clock.set({ ...at25, song: { element: song, start: 0 } }, [{ element: clip, start: 0 }]);
    await clock.play();
    expect(clip.paused).toBe(false);
    pass(0.04, clip);
    expect([clock.time, clip.paused, clip.playbackRate < 1]).toEqual([0, false, true]);
  });
});
