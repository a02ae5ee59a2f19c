import { frameRates } from '#contract/format.schema';
import { type Quality, qualities, type Shape, type shapes } from './formats.rules.ts';

/** A project's format as the form says it. */
export type FormatChoice = {
  shape: Shape;
  quality: `${Quality}`;
  fps: `${(typeof frameRates)[number]}`;
};

const KEY = 'songreel.format';
/** What phones film and what platforms show: 25 frames a second would drop every sixth of theirs. */
const usual: FormatChoice = { shape: 'landscape', quality: '1080', fps: '30' };

const shapeNames: readonly Shape[] = [
  'landscape',
  'portrait',
  'square',
  'feed',
] satisfies (keyof typeof shapes)[];

/** What was chosen for the last project in this browser, else what is usual. */
export function lastFormat(): FormatChoice {
  const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
  if (typeof kept !== 'object' || kept === null) return usual;
  const field = (name: string): unknown => Reflect.get(kept, name);
  return {
    shape: shapeNames.find((shape) => shape === field('shape')) ?? usual.shape,
    quality:
      qualities.map((quality) => `${quality}` as const).find((one) => one === field('quality')) ??
      usual.quality,
    fps: frameRates.map((rate) => `${rate}` as const).find((one) => one === field('fps')) ?? usual.fps,
  };
}

export function keepFormat(choice: FormatChoice): void {
  localStorage.setItem(KEY, JSON.stringify(choice));
}
