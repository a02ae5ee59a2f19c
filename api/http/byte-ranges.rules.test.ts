import { expect, test } from 'bun:test';
import { contentRange, multipartFrame, wantedBytes } from './byte-ranges.rules';

const wanted = (range: string | undefined, more: { ifRange?: string; bytes?: number } = {}) =>
  wantedBytes({ range, ifRange: more.ifRange, etag: '"a"', bytes: more.bytes ?? 100 });
const ranges = (...pairs: [number, number][]) => ({
  send: 'ranges' as const,
  ranges: pairs.map(([start, end]) => ({ start, end })),
});
const whole = { send: 'whole' as const };

test('one range: from the start, from the end, open, and cut to the file', () => {
  expect(wanted('bytes=0-9')).toEqual(ranges([0, 9]));
  expect(wanted('bytes=-5')).toEqual(ranges([95, 99]));
  expect(wanted('bytes=90-')).toEqual(ranges([90, 99]));
  expect(wanted('bytes=90-5000')).toEqual(ranges([90, 99]));
  expect(wanted('bytes=-5000')).toEqual(ranges([0, 99]));
});

test('several ranges keep their order, and those that touch become one', () => {
  expect(wanted('bytes=50-59, 0-9')).toEqual(ranges([50, 59], [0, 9]));
  expect(wanted('bytes=0-9,10-19,15-30')).toEqual(ranges([0, 30]));
  // What lies outside is left out as long as something lies inside.
  expect(wanted('bytes=0-9,500-600')).toEqual(ranges([0, 9]));
});

test('no range, another unit, what can’t be read and far too many are the whole', () => {
  const many = `bytes=${Array.from({ length: 17 }, (_, index) => `${index * 5}-${index * 5 + 1}`).join(',')}`;
  for (const range of [undefined, 'pages=1-2', 'bytes=9-0', 'bytes=a-b', 'bytes', many, 'x'.repeat(2000)]) {
    expect(wanted(range)).toEqual(whole);
  }
});

test('a range of nothing is outside; an empty file is sent whole', () => {
  expect(wanted('bytes=100-')).toEqual({ send: 'outside' });
  expect(wanted('bytes=500-600,700-')).toEqual({ send: 'outside' });
  expect(wanted('bytes=0-', { bytes: 0 })).toEqual(whole);
});

test('If-Range asks for the whole of another version', () => {
  expect(wanted('bytes=0-9', { ifRange: '"a"' })).toEqual(ranges([0, 9]));
  for (const ifRange of ['"b"', 'W/"a"', 'Mon, 30 Nov 2026 10:00:00 GMT']) {
    expect(wanted('bytes=0-9', { ifRange })).toEqual(whole);
  }
});

test('each of several parts says which bytes it has', () => {
  const parts = [
    { start: 0, end: 9 },
    { start: 20, end: 24 },
  ];
  const frame = multipartFrame({ ranges: parts, contentType: 'video/mp4', total: 100, boundary: 'b' });
  expect(frame.heads[1]).toBe(
    `\r\n--b\r\nContent-Type: video/mp4\r\nContent-Range: ${contentRange({ start: 20, end: 24 }, 100)}\r\n\r\n`,
  );
  expect(frame.tail).toBe('\r\n--b--\r\n');
});
