import { seeded } from '../../../drawing/paint';
import {
  backWords,
  crowdWords,
  greyWords,
  guitarWords,
  hueWords,
  leftWords,
  longHairWords,
  microphoneWords,
  personWords,
  rightWords,
  type Setting,
  type Shot,
  settings,
  settingWords,
  shotWords,
  type TimeOfDay,
  times,
  timeWords,
  type Vocabulary,
  type Weather,
  weatherWords,
} from './vocabulary';

/** What a card shows, read from the words of its prompt; what they don't say comes from the seed. */
export type SceneReading = {
  setting: Setting;
  time: TimeOfDay;
  weather: Weather;
  /** Null: the words name none; `framing` still says how it is drawn. */
  namedShot: Shot | null;
  framing: 'face' | 'bust' | 'figure' | 'small' | 'none';
  people: 0 | 1 | 2;
  longHair: boolean;
  microphone: boolean;
  guitar: boolean;
  crowd: boolean;
  /** Where the light stands, as a share of the width. */
  lightAt: number;
  /** True when the words say where the light comes from. */
  lightNamed: boolean;
  backlit: boolean;
  /** A hue asked for, in degrees of OKLCH. */
  hue: number | null;
  grey: boolean;
  /** Everything left to chance comes from this number: the same words and seed give the same card. */
  seed: number;
};

/** FNV-1a over UTF-16 units: the same on every machine. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash;
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|\\]/g, '\\$&');
const spaceless = /[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/u;

/** A list of beginnings (see vocabulary.ts) as one expression over lower-case text. */
function expressionOf(words: string): RegExp {
  const parts = words.split(' ').map((word) => {
    const whole = word.endsWith('$');
    const core = escaped(whole ? word.slice(0, -1) : word).replaceAll('-', '[- ]');
    if (spaceless.test(word)) return core;
    return `(?<![\\p{L}\\p{N}])${core}${whole ? '(?![\\p{L}\\p{N}])' : ''}`;
  });
  return new RegExp(parts.join('|'), 'gu');
}

const expressions = new Map<string, RegExp>();
function expression(words: string): RegExp {
  const known = expressions.get(words);
  if (known !== undefined) return known;
  const made = expressionOf(words);
  expressions.set(words, made);
  return made;
}

/** How often the words are found. */
const count = (text: string, words: string) => text.match(expression(words))?.length ?? 0;
const has = (text: string, words: string) => count(text, words) > 0;

/** The name whose words are found most; the earlier in the text when as often. Null: none is found. */
function best<Name extends string>(text: string, vocabulary: Vocabulary<Name>): Name | null {
  let found: { name: Name; times: number; at: number } | null = null;
  for (const name of Object.keys(vocabulary) as Name[]) {
    const times = count(text, vocabulary[name]);
    if (times === 0) continue;
    const at = text.search(expression(vocabulary[name]));
    if (found === null || times > found.times || (times === found.times && at < found.at)) {
      found = { name, times, at };
    }
  }
  return found?.name ?? null;
}

const without = <Name extends string>(vocabulary: Vocabulary<Name>, unwanted: string): Vocabulary<Name> =>
  Object.fromEntries(
    Object.entries<string>(vocabulary).filter(([, words]) => !has(unwanted, words)),
  ) as Vocabulary<Name>;

const pick = <Value>(values: readonly Value[], chance: number, fallback: Value): Value =>
  values[Math.floor(chance * values.length)] ?? fallback;

/**
 * Reads a prompt. What the negative prompt names is left out; the seed decides all that is not said.
 * Same words and seed, same reading.
 */
export function readScene(prompt: string, negativePrompt: string, seed: number | null): SceneReading {
  const text = prompt.normalize('NFC').toLowerCase();
  const unwanted = negativePrompt.normalize('NFC').toLowerCase();
  const ownSeed =
    (hashText(`${text.trim()}\n${unwanted.trim()}`) ^ Math.imul((seed ?? 0) + 1, 0x9e3779b1)) >>> 0;
  const chance = seeded(ownSeed);
  const places = without(settingWords, unwanted);
  const allowed = settings.filter((name) => name in places);
  const setting = best(text, places) ?? pick(allowed, chance(), 'mountains');
  const hours = without(timeWords, unwanted);
  const time =
    best(text, hours) ??
    (setting === 'stage' || setting === 'space'
      ? 'night'
      : pick(
          times.filter((name) => name in hours && name !== 'neon'),
          chance(),
          'sunset',
        ));
  const weather = best(text, without(weatherWords, unwanted)) ?? 'clear';
  const namedShot = best(text, shotWords);
  const noPeople =
    has(unwanted, `${personWords} human persona`) || has(text, 'no-people no-one nobody empty');
  const person = has(text, personWords) && !noPeople;
  const framing = framingOf(namedShot, person, noPeople);
  const people = framing === 'none' ? 0 : namedShot === 'two-shot' ? 2 : 1;
  const side = chance();
  return {
    setting,
    time,
    weather,
    namedShot,
    framing,
    people,
    seed: ownSeed,
    longHair:
      has(text, longHairWords) || (!has(text, 'man$ men$ boy$ he$ his$ father cowboy') && chance() < 0.5),
    microphone: has(text, microphoneWords),
    guitar: has(text, guitarWords),
    crowd: has(text, crowdWords) && !noPeople,
    lightAt: lightAt(text, side, chance()),
    lightNamed: has(text, `${leftWords} ${rightWords} ${backWords}`),
    backlit: has(text, backWords),
    hue: hueAsked(text),
    grey: has(text, greyWords),
  };
}

function framingOf(shot: Shot | null, person: boolean, noPeople: boolean): SceneReading['framing'] {
  if (noPeople) return 'none';
  if (shot === 'close-up' || shot === 'extreme-close-up') return 'face';
  if (shot === 'medium' || shot === 'low-angle') return 'bust';
  if (shot === 'full' || shot === 'two-shot') return 'figure';
  if (shot === 'wide' || shot === 'aerial') return person ? 'small' : 'none';
  return person ? 'figure' : 'none';
}

/** A third of the picture, or the middle when lit from behind. */
function lightAt(text: string, side: number, spread: number): number {
  const wobble = (spread - 0.5) * 0.08;
  if (has(text, backWords)) return 0.5 + wobble;
  if (has(text, leftWords)) return 0.24 + wobble;
  if (has(text, rightWords)) return 0.76 + wobble;
  return (side < 0.5 ? 0.32 : 0.66) + wobble;
}

function hueAsked(text: string): number | null {
  let found: { hue: number; at: number } | null = null;
  for (const [words, hue] of Object.entries(hueWords)) {
    const at = text.search(expression(words));
    // "golden hour" and "blue hour" are times of day, and have their own colours.
    if (at < 0 || /^(golden|blue)[- ]hour/.test(text.slice(at))) continue;
    if (found === null || at < found.at) found = { hue, at };
  }
  return found?.hue ?? null;
}
