import { describe, expect, test } from 'bun:test';
import { hueOf } from './colour.rules';
import { paletteOf } from './palette.rules';
import { readScene } from './scene.reading.rules';
import { settingWords, shotWords, timeWords, weatherWords } from './vocabulary';

const read = (prompt: string, negative = '', seed: number | null = null) => readScene(prompt, negative, seed);

describe('reading a prompt', () => {
  test('finds place, time, weather, shot and who is in it', () => {
    expect(read('Close-up of a singer at sunset by the sea')).toMatchObject({
      setting: 'sea',
      time: 'sunset',
      weather: 'clear',
      namedShot: 'close-up',
      framing: 'face',
      people: 1,
      microphone: true,
    });
    expect(read('Wide shot of a city street at night in the rain')).toMatchObject({
      setting: 'city',
      time: 'night',
      weather: 'rain',
      namedShot: 'wide',
      framing: 'none',
    });
    expect(read('Two lovers on a stage, two-shot, backlit')).toMatchObject({ people: 2, backlit: true });
  });

  test('words are whole: "seat" is no sea, "training" no train', () => {
    expect(read('a red seat in a bedroom').setting).toBe('room');
    expect(read('carpet in a forest, training').setting).toBe('forest');
  });

  test('reads other languages and scripts', () => {
    expect(read('夜の街、雨の中で歌う女性')).toMatchObject({
      setting: 'city',
      time: 'night',
      weather: 'rain',
      microphone: true,
    });
    expect(read('Eine Frau am Strand bei Sonnenuntergang')).toMatchObject({ setting: 'sea', time: 'sunset' });
    expect(read('девушка в лесу ночью, туман')).toMatchObject({ time: 'night', weather: 'fog' });
    expect(read('مغنية على شاطئ البحر عند الغروب')).toMatchObject({ setting: 'sea', time: 'sunset' });
  });

  test('what the negative prompt names is left out', () => {
    expect(read('a singer in the rain at night', 'rain').weather).toBe('clear');
    expect(read('a woman on a beach', 'people').framing).toBe('none');
    for (let seed = 0; seed < 40; seed++)
      expect(read('something', 'sea, city', seed).setting).not.toMatch(/sea|city/);
  });

  test('the seed decides what is not said, and the same seed the same', () => {
    const places = new Set(Array.from({ length: 40 }, (_, seed) => read('la la la', '', seed).setting));
    expect(places.size).toBeGreaterThan(5);
    expect(read('la la la', '', 3)).toEqual(read('la la la', '', 3));
  });

  test('every word of the vocabulary finds its own', () => {
    const check = (
      vocabulary: Record<string, string>,
      part: 'setting' | 'time' | 'weather' | 'namedShot',
    ) => {
      for (const [name, words] of Object.entries(vocabulary)) {
        for (const word of words.split(' ')) {
          expect([word, read(word.replace('$', '').replaceAll('-', ' '))[part]]).toEqual([word, name]);
        }
      }
    };
    check(settingWords, 'setting');
    check(timeWords, 'time');
    check(weatherWords, 'weather');
    check(shotWords, 'namedShot');
  });

  test('a colour in the words becomes the colour of the card; "golden hour" is none', () => {
    const hue = hueOf(paletteOf(read('a road, everything green, noon')).sky[1]);
    expect(Math.abs(hue - 148)).toBeLessThan(12);
    expect(read('a road at golden hour').hue).toBeNull();
  });
});
