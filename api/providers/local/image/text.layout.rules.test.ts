import { describe, expect, test } from 'bun:test';
import { parseRanges } from './fonts';
import { breakable, fitText, isRightToLeft, shorten, wrap } from './text.layout.rules';

/** A font in which every letter is ten units wide. */
const measure = (text: string) => [...text].length * 10;

describe('laying out text', () => {
  test('breaks between words and keeps closing marks with them', () => {
    expect(wrap('one two, three (four)', 90, 9, measure)).toEqual({
      lines: ['one two,', 'three', '(four)'],
      cut: false,
    });
    expect(breakable('a (b) c').join('|')).toBe('a |(b) |c');
  });

  test('breaks scripts without spaces, never before a closing mark', () => {
    const { lines } = wrap('夜の街、雨の中で歌う女性のクローズアップ', 60, 9, measure);
    expect(lines.join('')).toBe('夜の街、雨の中で歌う女性のクローズアップ');
    expect(lines.every((line) => measure(line) <= 60)).toBe(true);
    expect(lines.some((line) => line.startsWith('、') || line.startsWith('ー'))).toBe(false);
  });

  test('what does not fit ends in an ellipsis that fits', () => {
    const { lines, cut } = wrap('word '.repeat(50), 100, 2, measure);
    expect(cut).toBe(true);
    expect(lines).toHaveLength(2);
    expect(lines[1]?.endsWith('…')).toBe(true);
    expect(measure(lines[1] ?? '')).toBeLessThanOrEqual(100);
  });

  test('a word wider than a line is cut, letters of several code points are not', () => {
    expect(wrap('abcdefgh', 30, 9, measure).lines).toEqual(['abc', 'def', 'gh']);
    expect(shorten('👩‍🎤👩‍🎤👩‍🎤', 70, measure)).toBe('👩‍🎤👩‍🎤…');
  });

  test('the largest size that holds the whole text is taken', () => {
    const measureAt = (size: number) => (text: string) => [...text].length * size;
    const sizes = [
      { size: 20, lines: 1 },
      { size: 10, lines: 2 },
    ];
    expect(fitText('short', 100, sizes, measureAt).size).toBe(20);
    expect(fitText('longer text', 100, sizes, measureAt)).toEqual({ size: 10, lines: ['longer', 'text'] });
    expect(fitText('', 100, sizes, measureAt)).toEqual({ size: 20, lines: [] });
  });

  test('knows which way a text is written', () => {
    expect([
      isRightToLeft('“مرحبا”'),
      isRightToLeft('שלום'),
      isRightToLeft('1 hello'),
      isRightToLeft(''),
    ]).toEqual([...[true, true, false, false]]);
  });

  test('reads ranges of Unicode', () => {
    expect(parseRanges('U+0000-00FF,U+0131')).toEqual([
      [0, 0xff],
      [0x131, 0x131],
    ]);
  });
});
