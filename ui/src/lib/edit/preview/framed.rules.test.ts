import { expect, test } from 'bun:test';
import { defaultWindow, type Framing } from '#contract/window.schema';
import { framedStyle } from './framed.rules.ts';

const wide = { width: 1600, height: 900 };
const tall = { width: 900, height: 1600 };
const framed = (clip: typeof wide, of: Partial<Framing>) =>
  framedStyle(clip, wide, { ...defaultWindow.framing, ...of })
    .match(/-?[\d.]+/g)
    ?.map((number) => Math.round(Number(number)));

test('a clip covers the frame, lies in it whole, or where it was put', () => {
  expect(framed(wide, {})).toEqual([0, 0, 100, 100]);
  expect(framed(tall, {})).toEqual([0, -108, 100, 316]);
  // The point that is kept inside is no reason to leave the frame uncovered.
  expect(framed(tall, { y: 0.1 })).toEqual([0, 0, 100, 316]);
  expect(framed(tall, { mode: 'fit' })).toEqual([34, 0, 32, 100]);
  expect(framed(wide, { mode: 'free', scale: 0.5, x: 0, y: 1 })).toEqual([50, 0, 50, 50]);
});
