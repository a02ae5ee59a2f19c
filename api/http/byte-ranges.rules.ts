import { combineRanges, parse, type Range } from 'range-parser';

/** Players ask for one range, PDF readers for a few; nobody needs more (nginx has a limit for the same reason). */
const MOST_RANGES = 16;

/** Which bytes to send: all of them, some ranges (inclusive, in the order asked for), or none that exist. */
export type WantedBytes = { send: 'whole' } | { send: 'ranges'; ranges: Range[] } | { send: 'outside' };

/**
 * Reads the `Range` and `If-Range` of a GET (RFC 9110, 14.2 and 13.1.5). What can't be read, another unit,
 * too many ranges, and a range of another version of the file are answered with the whole.
 */
export function wantedBytes(of: {
  range: string | undefined;
  ifRange: string | undefined;
  etag: string | null;
  bytes: number;
}): WantedBytes {
  const { range, ifRange, bytes } = of;
  if (range === undefined || range.length > 1000) return { send: 'whole' };
  // Only a strong ETag says that both are the same bytes; there is no date that does.
  if (ifRange !== undefined && (of.etag === null || ifRange !== of.etag || ifRange.startsWith('W/'))) {
    return { send: 'whole' };
  }
  const parsed = parse(bytes, range);
  if (parsed.type !== 'bytes' || (parsed.code & 1) === 1) return { send: 'whole' };
  if (parsed.ranges.length === 0) return bytes === 0 ? { send: 'whole' } : { send: 'outside' };
  const ranges = combineRanges(parsed.ranges).map(({ start, end }) => ({ start, end }));
  return ranges.length > MOST_RANGES ? { send: 'whole' } : { send: 'ranges', ranges };
}

export const contentRange = ({ start, end }: Range, total: number) => `bytes ${start}-${end}/${total}`;

/** The lines before each part of a `multipart/byteranges` answer, and its last line. */
export function multipartFrame(of: {
  ranges: readonly Range[];
  contentType: string;
  total: number;
  boundary: string;
}): { heads: string[]; tail: string } {
  const heads = of.ranges.map(
    (range) =>
      `\r\n--${of.boundary}\r\nContent-Type: ${of.contentType}\r\nContent-Range: ${contentRange(range, of.total)}\r\n\r\n`,
  );
  return { heads, tail: `\r\n--${of.boundary}--\r\n` };
}
