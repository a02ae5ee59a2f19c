import { type Rgb, seeded } from '../../../drawing/paint';
import { hex, hueOf, mixColours, turnHue } from './colour.rules';
import type { SceneReading } from './scene.reading.rules';
import type { TimeOfDay } from './vocabulary';

/** The few colours that everything in a card is mixed from. */
export type Palette = {
  /** The sky from its top to the horizon. */
  sky: readonly [Rgb, Rgb, Rgb];
  /** Sun or moon, lamps, rims. */
  light: Rgb;
  /** What is far away, in the colour of the air; what is near. */
  far: Rgb;
  near: Rgb;
  /** Silhouettes and the darkest ground. */
  ink: Rgb;
  accent: Rgb;
  /** Type. */
  paper: Rgb;
};

type Written = readonly [
  top: string,
  mid: string,
  low: string,
  light: string,
  far: string,
  near: string,
  ink: string,
  accent: string,
];

/** Chosen by eye, three for each time of day. */
const written: Record<TimeOfDay, readonly Written[]> = {
  sunrise: [
    ['#2f4b7c', '#d98a9c', '#ffd9a8', '#fff1cf', '#d99a9f', '#3d3a63', '#1d1c38', '#ff8f6b'],
    ['#4c6a92', '#f0a58f', '#ffe3b3', '#fff6dc', '#e0a89a', '#5a3f5f', '#281e3a', '#ff7d5c'],
    ['#5b5f97', '#e8a0bf', '#ffe0d0', '#fff3e6', '#c894b8', '#45406f', '#211d42', '#ffc15e'],
  ],
  day: [
    ['#2a6fb0', '#7bb7dd', '#e3f1ee', '#fffdf0', '#a9cbd6', '#2f5d62', '#14323a', '#ffb84d'],
    ['#3a86c8', '#9ccfe8', '#f6eed9', '#fffbe8', '#b7c9bf', '#4a6b4e', '#1b332b', '#f26b4e'],
    ['#4a7fa5', '#a7c7d9', '#f3e6d0', '#fffaf0', '#c6bfae', '#6b5a48', '#2b2622', '#e8604c'],
  ],
  sunset: [
    ['#27224f', '#a8436b', '#ff9e5e', '#ffe6a8', '#b4546c', '#3a2050', '#190f2b', '#ff6b4a'],
    ['#1c3557', '#c65f5a', '#ffc06f', '#fff0c0', '#b5686a', '#3b2a4a', '#17132a', '#ff7847'],
    ['#432a5c', '#d8556f', '#ffb37a', '#ffe9c9', '#a84f78', '#341d4a', '#170d26', '#ffcf5c'],
  ],
  dusk: [
    ['#121b3f', '#3f4f8c', '#c78fa8', '#ffdcc4', '#5d689c', '#1f2750', '#0b1029', '#ff9d7a'],
    ['#0f2438', '#33628a', '#a9b9c9', '#ffe7cf', '#4f7795', '#173350', '#081624', '#ffb36b'],
    ['#20194a', '#5d4a94', '#d592b4', '#ffe0d6', '#6b5a9e', '#271f57', '#100b2b', '#ff8fa0'],
  ],
  night: [
    ['#060a1f', '#12244f', '#2f5079', '#f3efd9', '#28446f', '#0f1c3b', '#050916', '#ffc46b'],
    ['#050d18', '#0e2f3f', '#2b6470', '#eaf3e6', '#245361', '#0b232d', '#040d13', '#ffb35c'],
    ['#0d0820', '#2a1b52', '#5a3d80', '#f6e6f0', '#453073', '#1a1138', '#090514', '#ff8fb0'],
  ],
  neon: [
    ['#0b0624', '#3a1064', '#e0338f', '#ffd6f2', '#6a1f86', '#220a4a', '#0a0418', '#2de2e6'],
    ['#050b1e', '#0f2d66', '#16b8c8', '#e0fff8', '#17508a', '#0c1c48', '#040817', '#ff3f8e'],
    ['#12051f', '#571a5f', '#ff5e4d', '#ffe5b8', '#8a2468', '#2a0b41', '#0d0417', '#5ef0c0'],
  ],
};

const all = (palette: Palette, change: (colour: Rgb) => Rgb): Palette => ({
  sky: [change(palette.sky[0]), change(palette.sky[1]), change(palette.sky[2])],
  light: change(palette.light),
  far: change(palette.far),
  near: change(palette.near),
  ink: change(palette.ink),
  accent: change(palette.accent),
  paper: change(palette.paper),
});

/** The colours of a card: by time of day and seed, bent by weather and by colours that the words name. */
export function paletteOf(reading: SceneReading): Palette {
  const chance = seeded(reading.seed ^ 0x5eed);
  const choices = written[reading.time];
  const chosen = choices[Math.floor(chance() * choices.length)] ?? choices[0];
  if (chosen === undefined) throw new Error(`No palette for ${reading.time}.`);
  const [top, mid, low, light, far, near, ink, accent] = chosen;
  let palette: Palette = {
    sky: [hex(top), hex(mid), hex(low)],
    light: hex(light),
    far: hex(far),
    near: hex(near),
    ink: hex(ink),
    accent: hex(accent),
    paper: mixColours(hex(light), [255, 255, 255], 0.55),
  };
  // Up to nine degrees either way: cards of one time of day are relatives, not twins.
  const turn = (chance() - 0.5) * 18;
  palette = all(palette, (colour) => turnHue(colour, turn));
  if (reading.hue !== null) {
    const toHue = reading.hue - hueOf(palette.sky[1]);
    const { paper } = palette;
    palette = { ...all(palette, (colour) => turnHue(colour, toHue)), paper };
  }
  if (reading.weather === 'fog' || reading.weather === 'snow') palette = veiled(palette, 0.34, 0.72);
  if (reading.weather === 'rain') palette = veiled(palette, 0.14, 0.72);
  if (reading.grey) palette = all(palette, (colour) => turnHue(colour, 0, 0.04));
  return palette;
}

/** Everything nearer to the colour of the air, and less colourful. */
function veiled(palette: Palette, share: number, colourfulness: number): Palette {
  const air = turnHue(mixColours(palette.sky[1], palette.sky[2], 0.5), 0, colourfulness);
  const veil = (colour: Rgb, part: number) => mixColours(turnHue(colour, 0, colourfulness), air, part);
  return {
    ...palette,
    sky: [veil(palette.sky[0], share), veil(palette.sky[1], share), veil(palette.sky[2], share * 0.4)],
    far: veil(palette.far, share),
    near: veil(palette.near, share * 0.35),
  };
}
