import { expect, test } from 'bun:test';
import { keyOf } from './shortcut-key.rules.ts';

const plain = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

test('a key is said with what is held down; characters that need Shift are themselves', () => {
  expect(keyOf({ ...plain, key: ' ' })).toBe('space');
  expect(keyOf({ ...plain, key: 'ArrowLeft', shiftKey: true })).toBe('shift+arrowleft');
  expect(keyOf({ ...plain, key: 'Z', shiftKey: true, ctrlKey: true })).toBe('mod+shift+z');
  expect(keyOf({ ...plain, key: 'z', metaKey: true })).toBe('mod+z');
  expect(keyOf({ ...plain, key: '?', shiftKey: true })).toBe('?');
  expect(keyOf({ ...plain, key: '+', shiftKey: true })).toBe('+');
  expect(keyOf({ ...plain, key: 'L', shiftKey: true })).toBe('shift+l');
});
