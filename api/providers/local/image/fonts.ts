import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GlobalFonts } from '@napi-rs/canvas';

/**
 * The fonts of the cards come with the program (Fontsource packages, SIL Open Font Licence), so that
 * a card looks the same on every machine. The packages are cut into files by Unicode range; only
 * those whose range the text needs are loaded.
 */
export const DISPLAY = 'Songreel Display';
export const TEXT = 'Songreel Text';

type Cut = { family: string; files: { path: string; ranges: [number, number][] }[] };
type Package = { name: string; family: string; axis: string };

/** In the order in which a missing letter is looked for. */
const fallbacks: Package[] = [
  { name: '@fontsource-variable/geist', family: TEXT, axis: 'wght' },
  { name: '@fontsource-variable/noto-sans', family: 'Songreel Noto', axis: 'wght' },
  { name: '@fontsource-variable/noto-sans-arabic', family: 'Songreel Arabic', axis: 'wght' },
  { name: '@fontsource-variable/noto-sans-hebrew', family: 'Songreel Hebrew', axis: 'wght' },
  { name: '@fontsource-variable/noto-sans-thai', family: 'Songreel Thai', axis: 'wght' },
  { name: '@fontsource-variable/noto-sans-jp', family: 'Songreel Japanese', axis: 'wght' },
  { name: '@fontsource-variable/noto-sans-sc', family: 'Songreel Chinese', axis: 'wght' },
  { name: '@fontsource-variable/noto-sans-kr', family: 'Songreel Korean', axis: 'wght' },
  { name: '@fontsource-variable/noto-emoji', family: 'Songreel Emoji', axis: 'wght' },
];
const display: Package = {
  name: '@fontsource-variable/bricolage-grotesque',
  family: DISPLAY,
  axis: 'wght',
};

/** `U+0000-00FF,U+0131` as pairs of code points. */
export function parseRanges(text: string): [number, number][] {
  return text.split(',').map((part) => {
    const [from = '', to = from] = part.trim().replace(/^U\+/i, '').split('-');
    return [Number.parseInt(from, 16), Number.parseInt(to, 16)];
  });
}

function readCut({ name, family, axis }: Package): Cut {
  const folder = dirname(Bun.resolveSync(`${name}/package.json`, import.meta.dir));
  const short = name.slice(name.lastIndexOf('/') + 1);
  const subsets: Record<string, string> = JSON.parse(readFileSync(join(folder, 'unicode.json'), 'utf8'));
  const files = Object.entries(subsets).map(([subset, ranges]) => ({
    path: join(folder, 'files', `${short}-${subset.replace(/[[\]]/g, '')}-${axis}-normal.woff2`),
    ranges: parseRanges(ranges),
  }));
  return { family, files };
}

/** Loads what a text needs and names the families, the first choice first, as CSS does. */
export type Fonts = { families(text: string, first: typeof DISPLAY | typeof TEXT): string };

/** Reads the tables of the packages once; font files are read when a text needs them. */
export function createFonts(): Fonts {
  const cuts = [display, ...fallbacks].map(readCut);
  const loaded = new Map<string, string>();
  const load = (family: string, path: string): string => {
    const known = loaded.get(path);
    if (known !== undefined) return known;
    // Each file is a family of its own: files of one family and weight would hide one another.
    const name = `${family} ${loaded.size}`;
    GlobalFonts.registerFromPath(path, name);
    loaded.set(path, name);
    return name;
  };
  return {
    families(text, first) {
      const wanted = first === DISPLAY ? cuts : cuts.slice(1);
      let missing = new Set([...text].map((letter) => letter.codePointAt(0) ?? 0x20));
      const names: string[] = [];
      for (const { family, files } of wanted) {
        for (const { path, ranges } of files) {
          const covers = (point: number) => ranges.some(([from, to]) => point >= from && point <= to);
          const found = [...missing].filter(covers);
          if (found.length === 0) continue;
          names.push(load(family, path));
          missing = new Set([...missing].filter((point) => !covers(point)));
        }
      }
      // A Latin file is always there, for digits and dots that are added later.
      if (names.length === 0) names.push(...this.families('a', first).split(', '));
      return names.map((name) => (name.startsWith('"') ? name : `"${name}"`)).join(', ');
    },
  };
}
