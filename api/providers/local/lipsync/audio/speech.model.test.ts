import { describe, expect, test } from 'bun:test';
import { playDemoBacking, singDemoVocal } from '../../../../sample/song/demo-song';
import { type SungNote, sing } from '../../../../sample/song/singer';
import { createRandom } from '../../../../shared/random';
import { type MouthTargets, SPEECH_SAMPLE_RATE } from './audio.types';
import { analyseSpeech } from './speech.model';

const fps = 25;
/** Sings syllables one after another, .6 s each, the vowel of the n-th starting at .3 + .6 n seconds. */
function voice(...syllables: string[]): Float32Array {
  const notes = syllables.map(
    (syllable, i): SungNote => ({ syllable, midi: 57, start: 0.3 + i * 0.6, seconds: 0.58 }),
  );
  const seconds = 0.6 + syllables.length * 0.6;
  return sing(notes, { sampleRate: SPEECH_SAMPLE_RATE, seconds, random: createRandom(3) }).samples;
}
const vowelOf = (n: number) =>
  [Math.round((0.45 + n * 0.6) * fps), Math.round((0.75 + n * 0.6) * fps)] as const;
const mean = (track: Float32Array, [from, to]: readonly [number, number]) =>
  track.subarray(from, to).reduce((a, b) => a + b, 0) / (to - from);
const highest = (track: Float32Array) => track.reduce((a, b) => Math.max(a, b), 0);
const hear = (samples: Float32Array, isVocal = false): MouthTargets =>
  analyseSpeech(samples, { fps, frames: Math.floor((samples.length / SPEECH_SAMPLE_RATE) * fps), isVocal });

const correlation = (a: readonly number[], b: readonly number[]) => {
  const centred = (x: readonly number[]) => x.map((v) => v - x.reduce((p, q) => p + q, 0) / x.length);
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, v, i) => sum + v * (y[i] ?? 0), 0);
  const [p, q] = [centred(a), centred(b)];
  return dot(p, q) / Math.sqrt(dot(p, p) * dot(q, q));
};

describe('without a voice the mouth stays shut', () => {
  test('silence', () => {
    for (const isVocal of [false, true]) {
      const targets = hear(new Float32Array(3 * SPEECH_SAMPLE_RATE), isVocal);
      expect(targets.aperture.length).toBe(75);
      expect(highest(targets.aperture)).toBe(0);
      expect(highest(targets.voiced)).toBeLessThan(0.05);
    }
  });

  test('faint hiss is not lifted to be a voice', () => {
    const random = createRandom(5);
    const hiss = new Float32Array(3 * SPEECH_SAMPLE_RATE).map(() => (random.next() - 0.5) * 0.002);
    expect(highest(hear(hiss).aperture)).toBeLessThan(0.05);
  });
});

describe('vowels', () => {
  const targets = hear(voice('m ɑ', 'm i', 'm u', 'm ɑ'), true);
  const [a, i, u] = [vowelOf(0), vowelOf(1), vowelOf(2)];
  test('a opens wider than i and u', () => {
    expect(mean(targets.aperture, a)).toBeGreaterThan(1.5 * mean(targets.aperture, i));
    expect(mean(targets.aperture, a)).toBeGreaterThan(1.5 * mean(targets.aperture, u));
  });
  test('i spreads, u rounds, a lies between', () => {
    expect(mean(targets.width, i)).toBeGreaterThan(mean(targets.width, a) + 0.2);
    expect(mean(targets.width, u)).toBeLessThan(mean(targets.width, a) - 0.2);
  });
});

test('the same vowels sung louder open the mouth wider', () => {
  const sung = voice('s ɑ', 's ɑ', 's ɑ', 's ɑ');
  // 12 dB quieter from between the second and the third on.
  const [half, fade] = [1.5, 0.02].map((seconds) => seconds * SPEECH_SAMPLE_RATE);
  const quieter = sung.map(
    (v, i) => v * (1 - 0.75 * Math.min(1, Math.max(0, (i - (half ?? 0)) / (fade ?? 1)))),
  );
  const { aperture } = hear(quieter, true);
  const loud = mean(aperture, vowelOf(0)) + mean(aperture, vowelOf(1));
  const quiet = mean(aperture, vowelOf(2)) + mean(aperture, vowelOf(3));
  expect(loud).toBeGreaterThan(1.9 * quiet);
  expect(quiet).toBeGreaterThan(0);
});

test('a voice of narrow vowels alone opens the mouth further than among wide ones, and less than these', () => {
  const wideOf = (...syllables: string[]) => {
    const { aperture, voiced } = hear(voice(...syllables), true);
    const openings = aperture.filter((_, i) => (voiced[i] ?? 0) > 0.9).toSorted();
    return openings[Math.floor(openings.length * 0.95)] ?? 0;
  };
  const narrow = wideOf('m u', 'm u', 'm u', 'm u');
  // .48 as the network hears it.
  expect(narrow).toBeGreaterThan(0.53);
  expect(narrow).toBeLessThan(0.8 * wideOf('m ɑ', 'm u', 'm ɑ', 'm u'));
});

describe('closures', () => {
  const syllables = ['s ɑ', 'm ɑ', 's ɑ', 'b ɑ', 's ɑ', 'p ɑ'];
  const { closed, aperture } = hear(voice(...syllables), true);

  test('the lips touch before the vowel in m, b and p, not in s nor in the vowel', () => {
    syllables.forEach((syllable, n) => {
      const at = Math.round((0.3 + n * 0.6) * fps);
      const before = highest(closed.subarray(at - 5, at + 1));
      if (syllable.startsWith('s')) expect(before).toBeLessThan(0.35);
      else expect(before).toBeGreaterThan(0.35);
      expect(highest(closed.subarray(...vowelOf(n)))).toBeLessThan(0.2);
    });
  });

  test('and the opening all but goes while they do', () => {
    for (const n of [1, 3, 5]) {
      const at = Math.round((0.3 + n * 0.6) * fps);
      const least = Math.min(...aperture.subarray(at - 5, at + 1));
      expect(least).toBeLessThan(0.5 * mean(aperture, vowelOf(n)));
    }
  });
});

describe('a song', () => {
  const seconds = 14.4;
  const third = (samples: Float32Array) =>
    Float32Array.from({ length: Math.floor(samples.length / 3) }, (_, i) => {
      const [a = 0, b = 0, c = 0] = samples.subarray(i * 3, i * 3 + 3);
      return (a + b + c) / 3;
    });
  const backing = playDemoBacking({ seconds });
  const instruments = third(backing.left.map((v, i) => (v + (backing.right[i] ?? 0)) / 2));
  const singer = third(singDemoVocal({ seconds }));
  const mix = instruments.map((v, i) => v + 0.5 * (singer[i] ?? 0));
  const [alone, over] = [hear(singer, true), hear(mix)];
  const whole = [0, Math.floor(seconds * fps)] as const;

  test('instruments without a voice leave the mouth shut', () => {
    expect(mean(hear(instruments).aperture, whole)).toBeLessThan(0.15 * mean(alone.aperture, whole));
  });

  test('the voice is found in the mix, and the intro is not taken for one', () => {
    const sung = Array.from(alone.aperture.keys()).filter((i) => (alone.voiced[i] ?? 0) > 0.9);
    const found = sung.filter((i) => (over.voiced[i] ?? 0) > 0.5).length / sung.length;
    expect(found).toBeGreaterThan(0.5);
    const intro = [0, Math.floor(4 * fps)] as const;
    expect(mean(over.aperture, intro)).toBeLessThan(0.15 * mean(alone.aperture, [5 * fps, 14 * fps]));
  });

  test('where the voice is found, the mouth moves as for the voice alone', () => {
    const both = Array.from(alone.aperture.keys()).filter(
      (i) => (alone.voiced[i] ?? 0) > 0.9 && (over.voiced[i] ?? 0) > 0.9,
    );
    const pick = (track: Float32Array) => both.map((i) => track[i] ?? 0);
    expect(correlation(pick(alone.aperture), pick(over.aperture))).toBeGreaterThan(0.5);
  });
});

test('loudness follows the voice', () => {
  const loud = voice('m ɑ', 'l ɑ', 'm ɑ', 'l ɑ');
  const half = loud.length / 2;
  const targets = hear(
    loud.map((s, i) => (i < half ? s : s * 0.15)),
    true,
  );
  expect(mean(targets.loudness, vowelOf(0))).toBeGreaterThan(1.5 * mean(targets.loudness, vowelOf(3)));
  expect(mean(targets.loudness, vowelOf(3))).toBeGreaterThan(0.05);
});

describe('lengths', () => {
  test('no sound at all: every frame shut', () => {
    const targets = analyseSpeech(new Float32Array(0), { fps, frames: 40, isVocal: true });
    for (const track of Object.values(targets)) {
      expect(track.length).toBe(40);
      expect(highest(track)).toBe(0);
    }
  });
  test('a sound shorter than a step', () => {
    expect(analyseSpeech(Float32Array.of(0.5), { fps: 30, frames: 3, isVocal: false }).aperture.length).toBe(
      3,
    );
  });
  test('no frames', () => {
    expect(analyseSpeech(voice('m ɑ'), { fps: 24, frames: 0, isVocal: true }).aperture.length).toBe(0);
  });
  test('a shorter sound ends in a shut mouth, a longer one is cut', () => {
    const sound = voice('m ɑ', 'l ɑ');
    const short = analyseSpeech(sound, { fps, frames: 100, isVocal: true });
    expect(highest(short.aperture.subarray(0, 45))).toBeGreaterThan(0.2);
    expect(highest(short.aperture.subarray(50))).toBe(0);
    const long = analyseSpeech(sound, { fps, frames: 20, isVocal: true });
    expect(long.aperture).toEqual(short.aperture.slice(0, 20));
  });
  test('values stay in their ranges', () => {
    const targets = hear(voice('h a ɪ', 'b u', 's k i'), true);
    for (const name of ['aperture', 'closed', 'voiced', 'loudness'] as const)
      expect(targets[name].every((x) => x >= 0 && x <= 1)).toBe(true);
    expect(targets.width.every((x) => x >= -1 && x <= 1)).toBe(true);
  });
});
