import { describe, expect, test } from 'bun:test';
import { Glob } from 'bun';
import { de } from './de.ts';
import { en } from './en.ts';
import { errorWords } from './error-words.ts';

const api = new URL('../../../../api', import.meta.url).pathname;

describe('errorWords', () => {
  const error = { code: 'NoFaceFound', message: 'No face was found in this clip.' };

  test('English is what the studio says itself', () => {
    expect(errorWords(error, en)).toEqual({ text: error.message, english: null });
  });

  test('in German the sentence for the code, and the original with its names and numbers beside it', () => {
    const { text, english } = errorWords(error, de);
    expect(text).toStartWith('In diesem Clip wurde kein Gesicht gefunden.');
    expect(english).toBe(error.message);
  });

  test('a code without a translation, none, and one that only looks like one keep the message', () => {
    for (const code of ['BadRequest', undefined, 'toString', 'constructor']) {
      const unknown = code === undefined ? { message: 'Odd.' } : { code, message: 'Odd.' };
      expect(errorWords(unknown, de)).toEqual({ text: 'Odd.', english: null });
    }
  });

  test('an unreachable studio is told in the language of the page alone', () => {
    const gone = { code: 'Unreachable', message: 'The studio can not be reached.' };
    expect(errorWords(gone, de)).toEqual({ text: de.errors.unreachable, english: null });
    expect(errorWords(gone, en)).toEqual({ text: en.errors.unreachable, english: null });
  });
});

test('every translated code is one that the studio can answer with', async () => {
  const known = new Set<string>();
  for await (const path of new Glob('**/*.ts').scan({ cwd: api })) {
    if (path.includes('test')) continue;
    for (const [, code] of (await Bun.file(`${api}/${path}`).text()).matchAll(/'([A-Z][A-Za-z]+)'/g)) {
      if (code !== undefined) known.add(code);
    }
  }
  expect(Object.keys(de.errors.byCode).filter((code) => !known.has(code))).toEqual([]);
});
