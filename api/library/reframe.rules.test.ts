import { describe, expect, test } from 'bun:test';
import { defaultWindow, type Framing } from '../contract/window.schema';
import { reframed } from './reframe.rules';

const framing = (over: Partial<Framing> = {}): Framing => ({ ...defaultWindow.framing, ...over });
const wide = { width: 1280, height: 720 };
const tall = { width: 720, height: 1280 };

describe('a clip that was rendered for another shape', () => {
  test('shows of a whole picture what its original would', () => {
    const of = (x: number) =>
      reframed(wide, { frame: wide, was: framing() }, { frame: tall, wanted: framing({ x }) });
    expect(of(0.5)).toMatchObject({ mode: 'free', x: 0.5, y: 0.5 });
    // 720 of 1280 pixels high, 405 of 1280 wide: fitted it is 405 high.
    expect(of(0.5).scale).toBeCloseTo(1280 / 405, 6);
    expect(of(0.3).x).toBeCloseTo(0.3, 6);
    // The crop stops at the picture's edge.
    expect(of(0).x).toBeCloseTo(405 / 2 / 1280, 6);
  });
  test('shows the picture between the bars of a fitted one', () => {
    const was = framing({ mode: 'fit' });
    const made = reframed(tall, { frame: wide, was }, { frame: tall, wanted: framing() });
    expect(made).toMatchObject({ mode: 'free', x: 0.5, y: 0.5 });
    expect(made.scale).toBeCloseTo(1280 / 405, 6);
  });
  test('is filled from a cropped one, around the same point', () => {
    const made = reframed(
      tall,
      { frame: wide, was: framing({ y: 0.3 }) },
      { frame: tall, wanted: framing({ y: 0.3 }) },
    );
    expect(made.mode).toBe('fill');
    expect(made.x).toBeCloseTo(0.5);
    // The old frame ends above the middle of the picture.
    expect(made.y).toBe(1);
  });
  test('lies with bars where the original would', () => {
    const wanted = framing({ mode: 'fit', background: 'blur' });
    const made = reframed(wide, { frame: wide, was: framing() }, { frame: tall, wanted });
    expect(made).toMatchObject({ mode: 'free', background: 'blur' });
    expect([made.x, made.y]).toEqual([expect.closeTo(0.5), expect.closeTo(0.5)]);
    expect(made.scale).toBeCloseTo(1, 6);
  });
  test('another size of the same shape is the whole of it', () => {
    const made = reframed(
      wide,
      { frame: wide, was: framing() },
      { frame: { width: 1920, height: 1080 }, wanted: framing() },
    );
    expect(made).toMatchObject({ x: 0.5, y: 0.5 });
    expect(made.scale).toBeCloseTo(1, 6);
  });
});
