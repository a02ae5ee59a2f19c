import { describe, expect, test } from 'bun:test';
import { findPhrases, followVoice, openInPhrases } from './phrase.model';

const track = (length: number, ...heard: [number, number][]) => {
  const voice = new Uint8Array(length);
  for (const [from, to] of heard) voice.fill(1, from, to);
  return voice;
};
const phrasesOf = (voice: Uint8Array) => findPhrases(voice, new Array<boolean>(voice.length).fill(true));

describe('followVoice', () => {
  const stepsOfVoice = (length: number, base: number, ...parts: [number, number, number][]) => {
    const probability = new Float32Array(length).fill(base);
    for (const [from, to, p] of parts) probability.fill(p, from, to);
    return followVoice(probability, 0.5).reduce((sum, x) => sum + x, 0);
  };

  test('a certain voice may be short, an uncertain one must last', () => {
    expect(stepsOfVoice(400, 0.01, [100, 130, 0.99])).toBe(30);
    expect(stepsOfVoice(400, 0.01, [100, 130, 0.75])).toBe(0);
    expect(stepsOfVoice(400, 0.01, [100, 300, 0.75])).toBe(200);
  });

  test('a moment of doubt does not interrupt a voice, a pause does', () => {
    expect(stepsOfVoice(400, 0.99, [100, 105, 0.1])).toBe(400);
    expect(stepsOfVoice(400, 0.99, [100, 150, 0.01])).toBe(350);
  });

  test('no sound', () => expect(stepsOfVoice(0, 0)).toBe(0));
});

describe('findPhrases', () => {
  test('what cannot be heard belongs to no phrase', () => {
    const audible = Array.from({ length: 100 }, (_, i) => i < 60);
    expect(findPhrases(track(100, [20, 100]), audible)).toEqual([{ from: 20, to: 60 }]);
  });

  test('no voice, no phrase', () => {
    expect(phrasesOf(track(0))).toEqual([]);
    expect(phrasesOf(track(100))).toEqual([]);
  });

  test('the silence inside a consonant does not end a phrase, a pause does', () => {
    expect(phrasesOf(track(200, [10, 60], [68, 100], [130, 200]))).toEqual([
      { from: 10, to: 100 },
      { from: 130, to: 200 },
    ]);
  });

  test('a lone click is no voice', () => {
    expect(phrasesOf(track(200, [10, 18], [100, 150]))).toEqual([{ from: 100, to: 150 }]);
  });
});

describe('openInPhrases', () => {
  const speech = new Float32Array(400).fill(0.5);

  test('shut without a phrase', () => {
    expect(openInPhrases(speech, []).every((open) => open === 0)).toBe(true);
  });

  test('speech inside; the lips part before and meet after it', () => {
    const open = openInPhrases(speech, [{ from: 100, to: 200 }]);
    expect(open[150]).toBe(0.5);
    expect(open[95]).toBeGreaterThan(0.1);
    expect(open[70]).toBe(0);
    expect(open[205]).toBeGreaterThan(0.2);
    expect(open[230]).toBe(0);
  });

  test('a breath opens wider than a short break; a long pause shuts', () => {
    const middle = (pause: number) =>
      openInPhrases(speech, [
        { from: 0, to: 100 },
        { from: 100 + pause, to: 400 },
      ])[100 + pause / 2] ?? 0;
    expect(middle(16)).toBeGreaterThan(0.2);
    expect(middle(60)).toBeGreaterThan(middle(16) + 0.08);
    expect(middle(60)).toBeLessThan(0.5);
    expect(middle(120)).toBe(0);
  });

  test('no jump at the edges of a breath', () => {
    const open = openInPhrases(new Float32Array(400).fill(0.35), [
      { from: 20, to: 100 },
      { from: 150, to: 300 },
    ]);
    for (let i = 1; i < open.length; i += 1)
      expect(Math.abs((open[i] ?? 0) - (open[i - 1] ?? 0))).toBeLessThan(0.15);
  });
});
