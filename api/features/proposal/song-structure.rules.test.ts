import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureSpectrum } from '../../media/song-spectrum';
import { nameSections } from './section-names.rules';
import { structureOf } from './song-structure.rules';
import { judging, playSong, spansOf, type TestSong, tuning } from './test/test-songs';

setDefaultTimeout(120_000);

/** Made, written and heard as the studio hears songs. */
async function heard(song: TestSong) {
  const folder = await mkdtemp(join(tmpdir(), 'songreel-structure-'));
  try {
    const { wav, peaks, seconds } = playSong(song);
    const path = join(folder, 'song.wav');
    await Bun.write(path, wav);
    return { structure: structureOf(peaks, await measureSpectrum(path)), seconds };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Only songs whose parts are called by what they are. */
const isNamed = (song: TestSong) => song.form.some(([name]) => name === 'chorus');

for (const [set, songs] of Object.entries({ tuning, judging })) {
  describe(`the form of a song (${set})`, () => {
    for (const song of songs) {
      const form = song.form.map(([name]) => name).join(', ');
      test(`${song.bpm} a minute: ${form}`, async () => {
        const { structure, seconds } = await heard(song);
        const { bpm, bars, sections } = structure;
        expect(Math.abs((bpm ?? 0) - song.bpm)).toBeLessThan(0.2);
        expect(bars.length).toBeGreaterThan(8);
        const want = spansOf(song);
        expect(sections).toHaveLength(want.length);
        expect(sections[0]?.start).toBe(0);
        expect(Math.abs((sections.at(-1)?.end ?? 0) - seconds)).toBeLessThan(0.2);
        for (const [index, { part, start }] of want.entries()) {
          const found = sections[index];
          // Within a twentieth of a second of the bar, but for the first, which begins with the song.
          if (index > 0) expect(Math.abs((found?.start ?? 0) - start)).toBeLessThan(0.1);
          expect<string | null>(found?.name ?? null).toBe(isNamed(song) ? part : null);
        }
        // The same letter where the same part is heard, another where another is; an outro may be the intro.
        for (const [a, first] of want.entries()) {
          for (const [b, second] of want.entries()) {
            if (first.part === second.part) expect(sections[a]?.part).toBe(sections[b]?.part ?? '');
            else if (first.part === 'chorus') expect(sections[a]?.part).not.toBe(sections[b]?.part ?? '');
          }
        }
      });
    }
  });
}

describe('what cannot be told', () => {
  test('silence and nothing have no beat and no more than one section', async () => {
    for (const steps of [0, 1, 300]) {
      const bands = new Float32Array(steps * 11).fill(Math.log(1e-10));
      const spectrum = {
        stepsPerSecond: 10,
        steps,
        chroma: new Float32Array(steps * 12),
        bands,
        bandCount: 11,
      };
      const { bpm, beats, bars, sections } = structureOf(new Uint8Array(steps * 10), spectrum);
      expect({ bpm, beats, bars }).toEqual({ bpm: null, beats: [], bars: [] });
      expect(sections.map(({ name, part }) => ({ name, part }))).toEqual(
        steps === 0 ? [] : [{ name: null, part: 'A' }],
      );
    }
  });

  test('a song that plays one thing throughout is one part', async () => {
    const verse = tuning[0]?.parts['verse'];
    if (verse === undefined) throw new Error('There is no verse.');
    const { structure } = await heard({ seed: 5, bpm: 112, key: 0, parts: { verse }, form: [['verse', 16]] });
    expect(structure.sections.map(({ name, part }) => ({ name, part }))).toEqual([{ name: null, part: 'A' }]);
  });
});

describe('names of sections', () => {
  const named = (...sections: [group: number, energy: number][]) =>
    nameSections(sections.map(([group, energy]) => ({ group, energy, units: 8 })));

  test('follow from what returns and stands out', () => {
    expect(named([0, -1], [1, 0], [2, 1], [1, 0], [2, 1], [3, 0], [2, 1], [4, -1])).toEqual([
      'intro',
      'verse',
      'chorus',
      'verse',
      'chorus',
      'bridge',
      'chorus',
      'outro',
    ]);
  });

  test('are not given when two parts are as full as each other, or nothing returns', () => {
    expect(named([0, 0.5], [1, 0.4], [0, 0.5], [1, 0.4])).toEqual([null, null, null, null]);
    expect(named([0, -1], [1, 1], [2, 0])).toEqual([null, null, null]);
    expect(named([0, 1])).toEqual([null]);
  });

  test('two parts between choruses that come once are no bridge', () => {
    expect(named([0, 0], [1, 1], [2, 0], [1, 1], [3, 0], [1, 1])).toEqual([
      'intro',
      'chorus',
      null,
      'chorus',
      null,
      'chorus',
    ]);
  });
});
