import { type Canvas, createCanvas, type Image } from '@napi-rs/canvas';
import { drawScene, plateOf } from './drawing/scene.drawing';
import { drawType } from './drawing/type.drawing';
import type { Fonts } from './fonts';
import { paletteOf } from './palette.rules';
import { readScene } from './scene.reading.rules';

export type CardRequest = {
  prompt: string;
  negativePrompt: string;
  title: string;
  sequence: number | null;
  /** Pixels. */
  width: number;
  height: number;
  seed: number | null;
  cast: readonly Image[];
  /** True: the picture alone, without type and marks. */
  plain: boolean;
};

/**
 * Draws a storyboard card: a picture of the scene as far as its words tell, and what a storyboard says
 * beside it. The same request gives the same pixels. `progress` gets shares of the whole, 0..1.
 */
export function drawCard(request: CardRequest, fonts: Fonts, progress: (share: number) => void): Canvas {
  const { width, height, prompt, negativePrompt } = request;
  const canvas = createCanvas(width, height);
  const brush = canvas.getContext('2d');
  const scale = Math.min(width, height) / 1000;
  brush.scale(scale, scale);
  const reading = readScene(prompt, negativePrompt, request.seed);
  const size = { width: width / scale, height: height / scale, scale };
  const plate = plateOf(brush, size, reading, paletteOf(reading));
  drawScene(plate, (share) => progress(share * 0.9));
  if (!request.plain) drawType(plate, request, fonts);
  progress(1);
  return canvas;
}
