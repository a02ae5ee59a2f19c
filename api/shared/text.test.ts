import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { cutText, isStorable, storable, storableText } from './text';

/** Every text that JavaScript can hold, with halves of surrogate pairs and NUL among it. */
const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0, 0xd83d, 0xde00, 0x61)), {
    maxLength: 60,
  })
  .map((units) => String.fromCharCode(...units));

test('what is made storable can be stored, and what could be is left as it was', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const made = storableText(text);
      expect(isStorable(made)).toBe(true);
      expect(storableText(made)).toBe(made);
      if (isStorable(text)) expect(made).toBe(text);
    }),
  );
  expect(storableText('a\0b\ud83dc😀')).toBe('ab\ufffdc😀');
});

test('a cut leaves whole characters, as many as fit, from the beginning', () => {
  fc.assert(
    fc.property(anyText, fc.nat(70), (text, length) => {
      const cut = cutText(text, length);
      const whole = [...storableText(text)];
      expect([...cut]).toEqual(whole.slice(0, length));
      expect(() => encodeURIComponent(cut)).not.toThrow();
    }),
  );
  expect(cutText('x😀y', 2)).toBe('x😀');
  expect(cutText('😀'.repeat(3), 2)).toBe('😀😀');
});

test('values of JSON are made storable all the way down, other values are left alone', () => {
  const when = new Date(0);
  expect(storable({ 'a\0': ['\ud800', { b: 'x\0' }], n: 1, none: null, when })).toEqual({
    a: ['\ufffd', { b: 'x' }],
    n: 1,
    none: null,
    when,
  });
  fc.assert(
    fc.property(fc.json({ stringUnit: anyText }), (text) => {
      const made = storable(JSON.parse(text));
      expect(isStorable(JSON.stringify(made).replaceAll('\\\\', ''))).toBe(true);
      expect(JSON.stringify(made)).not.toMatch(/(?<!\\)(\\\\)*\\u0000|(?<!\\)(\\\\)*\\ud[89a-f]/i);
    }),
  );
});
