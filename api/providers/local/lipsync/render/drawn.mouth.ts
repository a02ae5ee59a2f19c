import { smoothstep } from '../../../../shared/numbers';
import type { MouthColours } from '../faces/face.colours';
import type { Yuv } from '../pictures/yuv.frame';

/** The darkest inside of a mouth: video black is 16; real mouths of the test clips reach 24 to 40. */
const DARK_LUMA = 28;
/** Teeth are lit by the same light as the skin but lie in the shade of the lip, and are hardly coloured. */
const TEETH_LIGHT = 0.8;
const TEETH_COLOUR = 0.35;
/** How far the upper teeth show below the lip, in eye distances (about 6 mm of 90). */
const TEETH_LENGTH = 0.062;
/** Width of a front tooth in half mouths (8.5 of 25 mm); the gaps between teeth are this much darker. */
const TOOTH_WIDTH = 0.3;
const TOOTH_GAP_SHADE = 0.1;

/**
 * The colour inside a mouth that no frame of the clip shows open: dark, with the tongue low in it
 * and a hint of the upper teeth. `across` runs from -1 to 1 between the corners; `depth` (below the
 * upper lip) and `gap` (the opening's height there) are eye distances. The other numbers are those of a
 * drawing, set by eye.
 */
export function drawnMouthColour(across: number, depth: number, gap: number, colours: MouthColours): Yuv {
  const { lip, skin } = colours;
  const part = depth / Math.max(gap, 1e-3);
  const middle = 1 - smoothstep(0.2, 1, Math.abs(across));
  // The tongue rises out of the dark: the lip's own colour, dimmed, more of it lower down.
  const tongue = 0.5 * middle * smoothstep(0.5, 1.05, part) * smoothstep(0.05, 0.16, gap);
  const dark = {
    y: DARK_LUMA + 0.12 * (lip.y - DARK_LUMA) * middle + tongue * Math.max(0, 0.62 * lip.y - DARK_LUMA),
    u: 128 + (lip.u - 128) * 0.7,
    v: 128 + (lip.v - 128) * (0.6 + 0.6 * tongue),
  };
  // Teeth follow a shallow arch and end where the opening gets narrow.
  const edge = Math.min(TEETH_LENGTH, gap * 0.42) * (1 - 0.35 * across * across);
  const seen =
    smoothstep(0.05, 0.12, gap) *
    (1 - smoothstep(0.35, 0.8, Math.abs(across))) *
    (1 - smoothstep(edge * 0.6, edge * 1.15, depth));
  const underLip = 0.5 + 0.5 * smoothstep(0, TEETH_LENGTH * 0.7, depth);
  const tooth = Math.abs(((((across / TOOTH_WIDTH) % 1) + 1.5) % 1) - 0.5) * 2;
  const between = 1 - TOOTH_GAP_SHADE * smoothstep(0.75, 1, 1 - tooth);
  const bright = TEETH_LIGHT * underLip * between * (1 - 0.3 * Math.abs(across)) * Math.max(skin.y, 60);
  const share = 0.8 * seen;
  return {
    y: dark.y + share * (bright - dark.y),
    u: dark.u + share * (128 + (skin.u - 128) * TEETH_COLOUR - dark.u),
    v: dark.v + share * (128 + (skin.v - 128) * TEETH_COLOUR - dark.v),
  };
}
