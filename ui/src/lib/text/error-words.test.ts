import { describe, expect, test } from 'bun:test';
import { de } from './de.ts';
import { en } from './en.ts';
import { chargeWords, errorWords, failureText } from './error-words.ts';

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

  test('a code that the catalogue doesn’t have, none, and one that only looks like one keep the message', () => {
    for (const code of ['BadAnswer', undefined, 'toString', 'constructor']) {
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
    details: { provider: 'replicate', charged: 'yes', reason: 'failed' },
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
      chargeWords(
        { charged: state, costUsd: null, error: null },
        { text: 'It failed.', english: null },
        en,
        'en',
      );
    expect([told('no'), told('unknown'), told(null)]).toEqual([
      en.errors.notCharged,
      en.errors.chargeUnknown,
      null,
    ]);
  });

  test('whatever the words are: what the error’s details say decides, not that a text has “charged” in it', () => {
    const silent = { ...error, details: null, message: 'The reader charged with it failed.' };
    expect(failureText(silent, charged, en, 'en')).toBe(`${silent.message} Charged: $0.25`);
    const told = { ...error, message: 'It failed, and it cost money.' };
    expect(failureText(told, charged, en, 'en')).toBe(told.message);
  });
});
