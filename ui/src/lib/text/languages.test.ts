import { describe, expect, test } from 'bun:test';
import { isLanguage, languageCodes, languages, preferredLanguage } from './languages.ts';

describe('languages', () => {
  test('the one chosen earlier comes first, then the browser’s in its order, then English', () => {
    expect(preferredLanguage('de', ['en-GB'])).toBe('de');
    expect(preferredLanguage(null, ['xx-XX', 'de-AT', 'en'])).toBe('de');
    expect(preferredLanguage('xx', ['xx'])).toBe('en');
    expect(preferredLanguage(null, [])).toBe('en');
  });

  test('what every object has is no language', () => {
    expect(['toString', 'constructor', '', null, undefined].some(isLanguage)).toBe(false);
  });

  test('each has a name of its own and every section of texts', async () => {
    const { load } = languages.en;
    const sections = Object.keys(await load());
    for (const code of languageCodes) expect(Object.keys(await languages[code].load())).toEqual(sections);
    expect(new Set(languageCodes.map((code) => languages[code].name)).size).toBe(languageCodes.length);
  });
});
