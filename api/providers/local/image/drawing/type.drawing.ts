import type { Image } from '@napi-rs/canvas';
import { ellipse, linear, rgba, within } from '../../../../drawing/paint';
import { DISPLAY, type Fonts, TEXT } from '../fonts';
import { readMoveWords } from '../move.reading.rules';
import { fitText, isRightToLeft, shorten } from '../text.layout.rules';
import type { Shot } from '../vocabulary';
import { drawFrameMarks, drawMoveGlyph, drawShotGlyph } from './marks.drawing';
import type { Plate } from './plate';

/** What a card says. */
export type CardWords = {
  prompt: string;
  negativePrompt: string;
  title: string;
  sequence: number | null;
  /** Pictures of those who appear. */
  cast: readonly Image[];
};

/** Space around all type: 7 % of the short side, within the 5 % that title-safe areas ask for. */
const MARGIN = 70;
const shotNames: Record<Shot, string> = {
  'extreme-close-up': 'Extreme close-up',
  'close-up': 'Close-up',
  medium: 'Medium',
  full: 'Full',
  wide: 'Wide',
  aerial: 'Aerial',
  'low-angle': 'Low angle',
  'two-shot': 'Two-shot',
};
const CAST_SIZE = 108;

/** Lays all type and marks over the picture. */
export function drawType(plate: Plate, words: CardWords, fonts: Fonts): void {
  const { height } = plate;
  const castWide = words.cast.length === 0 ? 0 : castWidth(words.cast.length);
  const block = layPrompt(plate, words, fonts, castWide);
  drawScrims(plate, height - block.top + 210);
  drawFrameMarks(plate, 34);
  drawHeader(plate, words, fonts);
  drawCast(plate, words.cast, height - MARGIN - 34);
  drawDraft(plate, fonts, height - MARGIN);
  drawPrompt(plate, block);
  drawLabels(plate, words, fonts, block);
  if (words.negativePrompt.trim() !== '') drawWithout(plate, words.negativePrompt, fonts, block);
}

/** Where the prompt and what belongs to it stand. */
type Block = {
  lines: string[];
  size: number;
  leading: number;
  families: string;
  rtl: boolean;
  left: number;
  right: number;
  /** The foot of the last line, of the labels over the first, and the top of everything. */
  foot: number;
  labels: number;
  top: number;
  /** The foot of the line that tells what must not be seen. */
  without: number;
};

/** Chooses size, lines and place of the prompt: as large as it can be read whole. */
function layPrompt(plate: Plate, words: CardWords, fonts: Fonts, castWide: number): Block {
  const { brush, width, height } = plate;
  const text = words.prompt.replace(/\s+/gu, ' ').trim();
  const rtl = isRightToLeft(text);
  const tall = height > width * 1.1;
  const aside = Math.max(castWide + 60, 180);
  const wide = tall ? width - 2 * MARGIN : Math.min(width - 2 * MARGIN - (rtl ? 0 : aside), 1120);
  // Above the mark of the draft where they would meet.
  const raised = castWide > 0 ? CAST_SIZE + 70 : 54;
  const without = height - MARGIN - (tall || rtl ? raised : 0);
  const foot = words.negativePrompt.trim() === '' ? without : without - 40;
  const families = fonts.families(`${text}…`, DISPLAY);
  const measureAt = (size: number) => (part: string) => {
    brush.font = `700 ${size}px ${families}`;
    return brush.measureText(part).width;
  };
  const more = tall ? 3 : 0;
  const { size, lines } = fitText(
    text,
    wide,
    sizes.map((one) => ({ size: one.size, lines: one.lines + more })),
    measureAt,
  );
  // Tight for large sizes; scripts with marks above and below need more.
  const leading = size * (/[\u0590-\u0eff\u3040-\u9fff\uac00-\ud7af]/u.test(text) ? 1.32 : 1.08);
  const labels = foot - lines.length * leading - 26;
  const left = rtl ? width - MARGIN - wide : MARGIN;
  return {
    lines,
    size,
    leading,
    families,
    rtl,
    left,
    right: left + wide,
    foot,
    labels,
    top: labels - 40,
    without,
  };
}

const sizes = [
  { size: 66, lines: 2 },
  { size: 54, lines: 2 },
  { size: 44, lines: 3 },
  { size: 36, lines: 3 },
  { size: 29, lines: 4 },
  { size: 24, lines: 5 },
];

/** Shade at the top and the bottom, so that type can be read on any sky. */
function drawScrims(plate: Plate, reach: number): void {
  const { brush, width, height, palette } = plate;
  const shade = (alpha: number) => rgba(palette.ink, alpha);
  brush.fillStyle = linear(
    brush,
    [0, height],
    [0, height - reach],
    [
      [0, shade(0.86)],
      [0.45, shade(0.5)],
      [0.8, shade(0.12)],
      [1, shade(0)],
    ],
  );
  brush.fillRect(0, height - reach, width, reach);
  brush.fillStyle = linear(
    brush,
    [0, 0],
    [0, 190],
    [
      [0, shade(0.62)],
      [0.6, shade(0.18)],
      [1, shade(0)],
    ],
  );
  brush.fillRect(0, 0, width, 190);
}

function drawHeader(plate: Plate, words: CardWords, fonts: Fonts): void {
  const { brush, width, palette } = plate;
  const y = MARGIN + 26;
  const scene = words.sequence === null ? '' : String(words.sequence).padStart(2, '0');
  let right = width - MARGIN;
  if (scene !== '') {
    brush.font = `700 46px ${fonts.families(scene, DISPLAY)}`;
    brush.textAlign = 'right';
    brush.fillStyle = rgba(palette.paper);
    brush.fillText(scene, right, y);
    right -= brush.measureText(scene).width + 16;
    brush.font = `600 17px ${fonts.families('SCENE', TEXT)}`;
    brush.letterSpacing = '3px';
    brush.fillStyle = rgba(palette.paper, 0.78);
    brush.fillText('SCENE', right, y);
    right -= brush.measureText('SCENE').width + 40;
    brush.letterSpacing = '0px';
  }
  if (words.title.trim() === '') return;
  brush.textAlign = 'left';
  brush.fillStyle = rgba(palette.accent);
  brush.fill(ellipse(MARGIN + 6, y - 9, 6, 6));
  brush.font = `600 24px ${fonts.families(words.title, TEXT)}`;
  brush.fillStyle = rgba(palette.paper, 0.95);
  const measure = (text: string) => brush.measureText(text).width;
  brush.fillText(
    shorten(words.title.replace(/\s+/gu, ' ').trim(), right - MARGIN - 30, measure),
    MARGIN + 26,
    y,
  );
}

function drawPrompt(plate: Plate, block: Block): void {
  const { brush, palette } = plate;
  const { lines, size, leading, rtl } = block;
  within(brush, () => {
    brush.font = `700 ${size}px ${block.families}`;
    brush.textAlign = rtl ? 'right' : 'left';
    brush.direction = rtl ? 'rtl' : 'ltr';
    brush.letterSpacing = size >= 44 ? '-0.6px' : '0px';
    castShade(plate, 18);
    brush.fillStyle = rgba(palette.paper);
    for (const [index, line] of lines.entries()) {
      const y = block.foot - (lines.length - 1 - index) * leading - size * 0.16;
      brush.fillText(line, rtl ? block.right : block.left, y);
    }
  });
}

/** Keeps type readable where the picture behind it is light. */
function castShade({ brush, palette, scale }: Plate, blur: number): void {
  brush.shadowColor = rgba(palette.ink, 0.6);
  brush.shadowBlur = blur * scale;
}

const GAP = 26;

/** The shot and the camera's move as diagrams, and what the scene was read as. */
function drawLabels(plate: Plate, words: CardWords, fonts: Fonts, block: Block): void {
  const { brush, palette, reading } = plate;
  const { move } = readMoveWords(words.prompt);
  const shot = reading.namedShot;
  const parts = [
    ...(shot === null ? [] : [shotNames[shot]]),
    ...(move === null ? [] : [move.replace('-', ' ')]),
    reading.time,
    ...(reading.weather === 'clear' ? [] : [reading.weather]),
    reading.setting,
  ].map((part) => part.toUpperCase());
  within(brush, () => {
    castShade(plate, 12);
    brush.font = `600 18px ${fonts.families(parts.join(''), TEXT)}`;
    brush.letterSpacing = '2.4px';
    const ratio = Math.min(Math.max(plate.width / plate.height, 0.62), 1.78);
    const glyphs = (shot === null ? 0 : 34 * ratio + 16) + (move === null ? 0 : 46);
    const widths = parts.map((part) => brush.measureText(part).width + GAP);
    // Labels that do not fit any more are left out.
    let total = glyphs;
    const shown = parts.filter((_, index) => {
      total += widths[index] ?? 0;
      return total - GAP <= block.right - block.left;
    });
    const shownWide = widths.slice(0, shown.length).reduce((sum, wide) => sum + wide, glyphs - GAP);
    let x = block.rtl ? block.right - shownWide : block.left;
    if (shot !== null) {
      drawShotGlyph(plate, shot, x, block.labels - 34, 34 * ratio, 34);
      x += 34 * ratio + 16;
    }
    if (move !== null) {
      drawMoveGlyph(plate, move, x, block.labels - 32, 30);
      x += 46;
    }
    for (const [index, part] of shown.entries()) {
      if (index > 0) {
        brush.fillStyle = rgba(palette.accent);
        brush.fill(ellipse(x - GAP / 2 - 1, block.labels - 17, 2.6, 2.6));
      }
      brush.fillStyle = rgba(palette.paper, index === 0 ? 1 : 0.86);
      brush.fillText(part, x, block.labels - 11);
      x += widths[index] ?? 0;
    }
  });
}

/** What must not be seen, small and last. */
function drawWithout(plate: Plate, negativePrompt: string, fonts: Fonts, block: Block): void {
  const { brush, palette } = plate;
  const text = negativePrompt.replace(/\s+/gu, ' ').trim();
  const y = block.without;
  brush.font = `500 20px ${fonts.families(`${text}…`, TEXT)}`;
  const shown = shorten(text, block.right - block.left - 34, (part) => brush.measureText(part).width);
  const x = block.rtl ? block.right - brush.measureText(shown).width - 30 : block.left;
  brush.strokeStyle = rgba(palette.accent);
  brush.lineWidth = 2.4;
  brush.beginPath();
  brush.arc(x + 10, y - 10, 8.5, 0, 2 * Math.PI);
  brush.moveTo(x + 4, y - 4);
  brush.lineTo(x + 16, y - 16);
  brush.stroke();
  brush.fillStyle = rgba(palette.paper, 0.74);
  brush.fillText(shown, x + 30, y - 3);
}

const castWidth = (count: number) => CAST_SIZE + (Math.min(count, 3) - 1) * CAST_SIZE * 0.78;

/** Who appears, as portraits in rings. */
function drawCast(plate: Plate, cast: readonly Image[], foot: number): void {
  const { brush, width, palette } = plate;
  const shown = cast.slice(0, 3);
  for (const [index, image] of shown.entries()) {
    const [x, y] = [width - MARGIN - CAST_SIZE / 2 - index * (CAST_SIZE * 0.78), foot - CAST_SIZE / 2];
    within(brush, () => {
      brush.fillStyle = rgba(palette.ink);
      brush.fill(ellipse(x, y, CAST_SIZE / 2 + 5, CAST_SIZE / 2 + 5));
      brush.clip(ellipse(x, y, CAST_SIZE / 2, CAST_SIZE / 2));
      const cover = CAST_SIZE / Math.min(image.width, image.height);
      const [wide, tall] = [image.width * cover, image.height * cover];
      // Faces are in the upper part of portraits.
      brush.drawImage(image, x - wide / 2, y - CAST_SIZE / 2 - (tall - CAST_SIZE) * 0.25, wide, tall);
    });
    brush.strokeStyle = rgba(palette.paper, 0.9);
    brush.lineWidth = 2.4;
    brush.stroke(ellipse(x, y, CAST_SIZE / 2 + 1, CAST_SIZE / 2 + 1));
  }
}

/** A card is not the finished picture, and says so. */
function drawDraft(plate: Plate, fonts: Fonts, foot: number): void {
  const { brush, width, palette } = plate;
  brush.font = `600 15px ${fonts.families('DRAFT', TEXT)}`;
  brush.letterSpacing = '3px';
  brush.textAlign = 'right';
  brush.fillStyle = rgba(palette.paper, 0.66);
  brush.fillText('DRAFT', width - MARGIN + 3, foot - 4);
  const wide = brush.measureText('DRAFT').width;
  brush.strokeStyle = rgba(palette.paper, 0.66);
  brush.lineWidth = 2;
  brush.beginPath();
  brush.rect(width - MARGIN - wide - 18, foot - 15, 9, 9);
  brush.stroke();
  brush.letterSpacing = '0px';
  brush.textAlign = 'left';
}
