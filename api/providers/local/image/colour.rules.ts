import type { Rgb } from '../../../drawing/paint';

/**
 * Colours in OKLab (Björn Ottosson, "A perceptual color space for image processing", 2020): mixtures
 * stay as colourful as their ends, where sRGB turns blue to orange into grey.
 */
type Lab = readonly [lightness: number, a: number, b: number];

/** `#rrggbb` as 0..255 each. */
export function hex(text: string): Rgb {
  const value = Number.parseInt(text.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

const linearOf = (channel: number) => {
  const c = channel / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
};
const channelOf = (light: number) => {
  const c = light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
  return Math.min(Math.max(c * 255, 0), 255);
};

function toLab(rgb: Rgb): Lab {
  const [r, g, b] = [linearOf(rgb[0]), linearOf(rgb[1]), linearOf(rgb[2])];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function toRgb([lightness, a, b]: Lab): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    channelOf(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    channelOf(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    channelOf(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** The colour `share` of the way from one to the other, as the eye sees it. */
export function mixColours(from: Rgb, to: Rgb, share: number): Rgb {
  const [one, other] = [toLab(from), toLab(to)];
  const at = (index: 0 | 1 | 2) => one[index] + (other[index] - one[index]) * share;
  return toRgb([at(0), at(1), at(2)]);
}

/** The same lightness, its hue turned by degrees and its colourfulness multiplied. */
export function turnHue(rgb: Rgb, degrees: number, colourfulness = 1): Rgb {
  const [lightness, a, b] = toLab(rgb);
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle) * colourfulness, Math.sin(angle) * colourfulness];
  return toRgb([lightness, a * cos - b * sin, a * sin + b * cos]);
}

/** The hue in degrees, 0..360. */
export function hueOf(rgb: Rgb): number {
  const [, a, b] = toLab(rgb);
  return ((Math.atan2(b, a) * 180) / Math.PI + 360) % 360;
}

/** How light it looks, 0 black to 1 white. */
export function lightnessOf(rgb: Rgb): number {
  return toLab(rgb)[0];
}
