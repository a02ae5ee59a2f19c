import { describe, expect, test } from 'bun:test';
import { Glob } from 'bun';
import { de } from './de.ts';
import { en } from './en.ts';
import { chargeWords, errorWords, failureText } from './error-words.ts';

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

describe('what a failed job cost is told once, in the language of the page', () => {
  const error = {
    code: 'ProviderFailed',
    status: 502,
    details: null,
    message: 'The model failed. It was charged. Retry starts a new one.',
  };
  const charged = { charged: 'yes', costUsd: 0.25 } as const;

  test('the English message has it already, the German sentence has not', () => {
    expect(failureText(error, charged, en, 'en')).toBe(error.message);
    expect(failureText(error, charged, de, 'de')).toMatch(/gescheitert.*Modell\. Berechnet: 0,25/);
    expect(failureText(error, { ...charged, costUsd: null }, de, 'de')).toEndWith(de.editor.wasCharged);
  });

  test('not, perhaps, and by nobody', () => {
    const told = (state: 'no' | 'unknown' | null) =>
      chargeWords({ charged: state, costUsd: null }, 'It failed.', en, 'en');
    expect([told('no'), told('unknown'), told(null)]).toEqual([
      en.errors.notCharged,
      en.errors.chargeUnknown,
      null,
    ]);
  });
});

/**
 * The codes of errors in a source text: what stands as `code:`, what the media room's `refused()` is given,
 * and the first of each row in a table of codes.
 */
function codesIn(source: string): string[] {
  const places = [/\bcode:([^,;}]*)/g, /\brefused\(([^,]*)/g];
  if (source.includes('[code: string,')) places.push(/\[\s*('\w+'),/g);
  return places.flatMap((place) =>
    [...source.matchAll(place)].flatMap(([, text = '']) =>
      [...text.matchAll(/'([A-Z]\w+)'/g)].map(([, code = '']) => code),
    ),
  );
}

test('a code is what stands as an error’s code, not any word with a capital letter', () => {
  const source = `headers.get('Authorization'); throw new AppError({ code: 'NoSong', status: 400, message: 'Song' });
    throw refused('NoSound', 'Sound'); const late = { code: isBig ? 'TooBig' : 'TooSmall' }; go(['Accept', 1]);`;
  expect(codesIn(source)).toEqual(['NoSong', 'TooBig', 'TooSmall', 'NoSound']);
  const table = `const known: [code: string, what: string][] = [['Busy', 'The Model'], ['Gone', 'The Job']];`;
  expect(codesIn(table)).toEqual(['Busy', 'Gone']);
});

test('every translated code is one that the studio can answer with', async () => {
  const known = new Set<string>();
  for await (const path of new Glob('**/*.ts').scan({ cwd: api })) {
    if (path.includes('test')) continue;
    for (const code of codesIn(await Bun.file(`${api}/${path}`).text())) known.add(code);
  }
  expect(Object.keys(de.errors.byCode).filter((code) => !known.has(code))).toEqual([]);
});
