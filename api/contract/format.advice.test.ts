import { expect, test } from 'bun:test';
import { formatAdvice, formatFor, rateEffect } from './format.advice';

const small = { width: 128, height: 128 };

test('the rate that loses the fewest frames', () => {
  const rates = [23.976, 24, 25, 29.97, 30, 48, 50, 59.94, 60, 120, 15, 27].map(
    (fps) => formatFor({ width: 1920, height: 1080, fps }, small).fps,
  );
  expect(rates).toEqual([24, 24, 25, 30, 30, 24, 25, 30, 30, 30, 24, 25]);
});

test('a small clip doesn’t make a small video of the project', () => {
  const project = { width: 1280, height: 720 };
  expect(formatFor({ width: 360, height: 640, fps: 30 }, project)).toEqual({
    width: 720,
    height: 1280,
    fps: 30,
  });
  expect(formatFor({ width: 320, height: 180, fps: 30 }, project)).toEqual({
    width: 1280,
    height: 720,
    fps: 30,
  });
  expect(formatFor({ width: 200, height: 1000, fps: 30 }, project)).toEqual({
    width: 384,
    height: 1920,
    fps: 30,
  });
});

test('the size is the clip’s, even and bounded', () => {
  const size = (width: number, height: number) => {
    const format = formatFor({ width, height, fps: 25 }, small);
    return [format.width, format.height];
  };
  expect(size(1080, 1920)).toEqual([1080, 1920]);
  expect(size(3840, 2160)).toEqual([1920, 1080]);
  expect(size(641, 359)).toEqual([642, 360]);
  expect(size(16, 16)).toEqual([128, 128]);
});

test('30 in 25: every sixth frame is dropped; 24 in 25: every 25th is shown twice', () => {
  expect(rateEffect(30, 25)).toEqual({ kind: 'dropped', perSecond: 5, oneIn: 6 });
  expect(rateEffect(24, 25)).toEqual({ kind: 'repeated', perSecond: 1, oneIn: 25 });
  expect(rateEffect(60, 25)).toMatchObject({ kind: 'dropped', perSecond: 35, oneIn: null });
  expect(rateEffect(60, 30)).toEqual({ kind: 'dropped', perSecond: 30, oneIn: 2 });
  expect(rateEffect(29.97, 30)).toBeNull();
});

test('a clip that suits the project gets no advice; another size of the same shape suits', () => {
  const project = { width: 1280, height: 720, fps: 25 } as const;
  expect(formatAdvice({ width: 1920, height: 1080, fps: 25 }, project)).toBeNull();
  expect(formatAdvice({ width: 1080, height: 1920, fps: 25 }, project)).toMatchObject({
    rate: null,
    isOtherShape: true,
    format: { width: 1080, height: 1920, fps: 25 },
  });
  expect(formatAdvice({ width: 1280, height: 720, fps: 30 }, project)).toMatchObject({
    isOtherShape: false,
    rate: { kind: 'dropped', oneIn: 6 },
  });
});
