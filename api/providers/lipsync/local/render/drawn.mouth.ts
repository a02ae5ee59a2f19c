import { smoothstep } from '../mouth/mouth.shape';

/** Colours that a drawn mouth is mixed from, measured on the face itself (limited-range YUV). */
export type MouthColours = { lip: Yuv; skin: Yuv };
export type Yuv = { y: number; u: number; v: number };

/** The darkest inside of a mouth: video black is 16; real mouths of the test clips reach 24 to 40. */
const DARK_LUMA = 30;
/** Teeth are lit by the same light as the skin, lie in the shade of the lip and are less coloured. */
const TEETH_LIGHT = 0.86;
/** The lowest edge of the upper teeth below the lip, in eye distances (8 mm of some 90 mm). */
const TEETH_LENGTH = 0.075;

/**
 * The colour inside a mouth that no frame of the clip shows open. `across` runs from -1 to 1
 * between the corners, `depth` and `gap` are eye distances below the upper lip.
 */
export function drawnMouthColour(across: number, depth: number, gap: number, colours: MouthColours): Yuv {
  const { lip, skin } = colours;
  const shade = 0.25 + 0.75 * smoothstep(0, 1, depth / Math.max(gap, 1e-3));
  // The tongue rises in front of the dark: the lip's own colour, dimmed, more of it lower down.
  const tongue = 0.55 * smoothstep(0.45, 1, depth / Math.max(gap, 1e-3)) * smoothstep(0.04, 0.14, gap);
  const narrow = 1 - smoothstep(0.45, 0.85, Math.abs(across));
  const edge = Math.min(TEETH_LENGTH, gap * 0.5);
  const teeth =
    narrow * (1 - smoothstep(edge * 0.75, edge * 1.1, depth)) * smoothstep(0.03, 0.08, gap) * 0.85;
  const underLip = 0.55 + 0.45 * smoothstep(0, edge * 0.6, depth);

  const y0 = DARK_LUMA * (0.8 + 0.2 * shade) + tongue * Math.max(0, 0.7 * lip.y - DARK_LUMA);
  const u0 = 128 + (lip.u - 128) * 0.7;
  const v0 = 128 + (lip.v - 128) * (0.6 + 0.5 * tongue);
  const bright = TEETH_LIGHT * underLip * Math.max(skin.y, 60);
  return {
    y: y0 + teeth * (bright - y0),
    u: u0 + teeth * (128 + (skin.u - 128) * 0.5 - u0),
    v: v0 + teeth * (128 + (skin.v - 128) * 0.45 - v0),
  };
}
