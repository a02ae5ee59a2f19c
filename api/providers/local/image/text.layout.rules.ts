/** How wide a text is in the font in question. */
export type Measure = (text: string) => number;

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** Marks that may not begin a line: closing punctuation of Latin, CJK and Arabic texts. */
const closing = /^[\p{Pe}\p{Pf}\p{Po}ーっゃゅょッャュョ々]/u;

/** Pieces between which a line may break; works for scripts without spaces (Chinese, Japanese, Thai). */
export function breakable(text: string): string[] {
  const pieces: string[] = [];
  let open = '';
  for (const { segment } of segmenter.segment(text.replace(/\s+/gu, ' ').trim())) {
    const last = pieces.length - 1;
    const glue = closing.test(segment) || (/^[-–—'’]$/.test(segment) && last >= 0);
    if (segment === ' ' || glue) {
      if (last >= 0) pieces[last] += segment;
      else open += segment;
    } else if (/[\p{Ps}\p{Pi}"“]$/u.test(segment)) {
      open += segment;
    } else {
      pieces.push(open + segment);
      open = '';
    }
  }
  if (open !== '') pieces.push(open);
  return pieces;
}

/**
 * Breaks a text into at most `maxLines` lines of at most `width`; what does not fit ends in "…". A word
 * wider than a line is cut.
 */
export function wrap(
  text: string,
  width: number,
  maxLines: number,
  measure: Measure,
): { lines: string[]; cut: boolean } {
  const pieces = breakable(text).flatMap((piece) =>
    measure(piece.trimEnd()) > width ? pieceBySize(piece, width, measure) : [piece],
  );
  const lines: string[] = [];
  let line = '';
  for (const [index, piece] of pieces.entries()) {
    if (line === '' || measure((line + piece).trimEnd()) <= width) {
      line += piece;
      continue;
    }
    if (lines.length === maxLines - 1) {
      const rest = line + pieces.slice(index).join('');
      return { lines: [...lines, shorten(rest, width, measure)], cut: true };
    }
    lines.push(line.trimEnd());
    line = piece;
  }
  if (line.trim() !== '') lines.push(line.trimEnd());
  return { lines, cut: false };
}

/** The longest beginning that fits with "…" behind it. */
export function shorten(text: string, width: number, measure: Measure): string {
  if (measure(text) <= width) return text;
  const letters = [...graphemes.segment(text)].map(({ segment }) => segment);
  let [low, high] = [0, letters.length];
  const first = (count: number) => `${letters.slice(0, count).join('').trimEnd()}…`;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (measure(first(middle)) <= width) low = middle;
    else high = middle - 1;
  }
  return first(low);
}

function pieceBySize(piece: string, width: number, measure: Measure): string[] {
  const parts: string[] = [];
  let part = '';
  for (const { segment } of graphemes.segment(piece)) {
    if (part !== '' && measure(part + segment) > width) {
      parts.push(part);
      part = '';
    }
    part += segment;
  }
  return part === '' ? parts : [...parts, part];
}

/** True when the first letter that has a direction is written from right to left. */
export function isRightToLeft(text: string): boolean {
  const letter = text.match(/\p{L}/u)?.[0];
  return letter !== undefined && /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/u.test(letter);
}

/**
 * The largest size at which the whole text fits into the lines that size allows; the smallest, cut, when
 * none does.
 */
export function fitText(
  text: string,
  width: number,
  sizes: readonly { size: number; lines: number }[],
  measureAt: (size: number) => Measure,
): { size: number; lines: string[] } {
  let last: { size: number; lines: string[] } = { size: sizes.at(-1)?.size ?? 20, lines: [] };
  for (const { size, lines } of sizes) {
    const wrapped = wrap(text, width, lines, measureAt(size));
    last = { size, lines: wrapped.lines };
    if (!wrapped.cut) break;
  }
  return last;
}
