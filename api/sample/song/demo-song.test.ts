import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../../shared/random';
import { renderDemoSong, writeDemoSong, writeDemoVocal } from './demo-song';
import { integratedLoudness } from './mastering';
import { songSections } from './score';
import { sing } from './singer';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'songreel-song-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

test('a written song: format, length, sections, the same bytes every time', async () => {
  const [first, again, other] = [
    join(directory, 'a.wav'),
    join(directory, 'b.wav'),
    join(directory, 'c.wav'),
  ];
  const song = await writeDemoSong(first, { seconds: 6 });
  await writeDemoSong(again, { seconds: 6 });
  await writeDemoSong(other, { seconds: 6, seed: 2 });
  const bytes = Buffer.from(await Bun.file(first).arrayBuffer());
  expect(bytes.toString('latin1', 0, 4)).toBe('RIFF');
  expect([bytes.readUInt16LE(22), bytes.readUInt32LE(24), bytes.readUInt16LE(34)]).toEqual([2, 48_000, 16]);
  expect(bytes.length).toBe(44 + 6 * 48_000 * 4);
  expect(song.sections.map((s) => s.name)).toEqual(['intro', 'verse']);
  expect(song.sections.at(-1)?.end).toBe(6);
  expect(bytes.equals(Buffer.from(await Bun.file(again).arrayBuffer()))).toBe(true);
  expect(bytes.equals(Buffer.from(await Bun.file(other).arrayBuffer()))).toBe(false);
}, 60_000);

test('mastered to -14 LUFS without clipping, ending quietly', () => {
  const song = renderDemoSong({ seconds: 24 });
  expect(Math.abs(integratedLoudness(song) + 14)).toBeLessThan(0.5);
  const peak = (track: Float32Array) => track.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  expect(Math.max(peak(song.left), peak(song.right))).toBeLessThan(0.9);
  expect(peak(song.left.subarray(-480))).toBeLessThan(0.05);
}, 60_000);

test('a full-scale 997 Hz sine on both sides measures 0 LUFS (ITU-R BS.1770)', () => {
  const side = Float32Array.from({ length: 96_000 }, (_, i) => Math.sin((2 * Math.PI * 997 * i) / 48_000));
  expect(Math.abs(integratedLoudness({ left: side, right: side }))).toBeLessThan(0.1);
});

test('the vocal alone is silent in the intro and sounds in the verse', async () => {
  const path = join(directory, 'vocal.wav');
  await writeDemoVocal(path, { seconds: 8 });
  const samples = new Int16Array((await Bun.file(path).arrayBuffer()).slice(44));
  const loudest = (from: number, to: number) =>
    samples.subarray(from * 96_000, to * 96_000).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  expect(loudest(0, 4.5)).toBeLessThan(10);
  expect(loudest(4.8, 8)).toBeGreaterThan(10_000);
});

test('sections follow one another without a gap', () => {
  const sections = songSections(24);
  expect(sections.map((s) => [s.name, s.hasVoice])).toEqual([
    ['intro', false],
    ['verse', true],
    ['chorus', true],
  ]);
  sections.slice(1).forEach((section, i) => {
    expect(section.start).toBe(sections[i]?.end ?? -1);
  });
});

test('a syllable that cannot be sung is named', () => {
  const note = { syllable: 'q ɑ', midi: 60, start: 0, seconds: 1 };
  expect(() => sing([note], { sampleRate: 16_000, seconds: 1, random: createRandom(1) })).toThrow('"q"');
});
