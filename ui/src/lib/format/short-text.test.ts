import { expect, test } from 'bun:test';
import { shortText } from './short-text.ts';

test('a text is cut where it is too long, and never within a character', () => {
  expect(shortText('abc', 5)).toBe('abc');
  expect(shortText('abcdef', 5)).toBe('abcde');
  expect(shortText('abcd😀', 5)).toBe('abcd');
  expect(shortText('abc😀d', 5)).toBe('abc😀');
  expect(shortText('a\ud83d', 5)).toBe('a\ufffd');
});
