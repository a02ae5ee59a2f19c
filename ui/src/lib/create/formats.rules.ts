import type { Format } from '#contract/format.schema';

/** Picture shapes by where they are shown; sizes have even numbers of pixels, as H.264 wants. */
export const shapes = {
  landscape: { ratio: '16:9', width: 16, height: 9 },
  portrait: { ratio: '9:16', width: 9, height: 16 },
  square: { ratio: '1:1', width: 1, height: 1 },
  feed: { ratio: '4:5', width: 4, height: 5 },
} as const;
export type Shape = keyof typeof shapes;

/** Pixels of the shorter side. */
export const qualities = [720, 1080] as const;
export type Quality = (typeof qualities)[number];

/** The size of a shape whose shorter side has `quality` pixels. */
export const formatOf = (shape: Shape, quality: Quality, fps: Format['fps']): Format => ({
  ...sizeOf(shape, quality),
  fps,
});

/** The size of a shape whose shorter side has so many pixels; neither side is longer than a video's may be. */
export function sizeOf(shape: Shape, shorter: number): Pick<Format, 'width' | 'height'> {
  const { width, height } = shapes[shape];
  const scale = Math.min(shorter / Math.min(width, height), LONGEST_SIDE / Math.max(width, height));
  const even = (pixels: number) => Math.round(pixels / 2) * 2;
  return { width: even(width * scale), height: even(height * scale) };
}
const LONGEST_SIDE = 4096;

/** The shapes that a video does not have. */
export const otherShapes = ({ width, height }: Pick<Format, 'width' | 'height'>): Shape[] =>
  (['portrait', 'square', 'landscape', 'feed'] as const).filter(
    (shape) => Math.abs(width / height - shapes[shape].width / shapes[shape].height) > 0.01,
  );

/** About two bars of a song at 120 beats a minute: how long shots of music videos are on the whole. */
const USUAL_SCENE_SECONDS = 8;
export const MOST_SCENES = 60;

/** How many scenes a song of a length suggests. */
export function proposedScenes(songSeconds: number): number {
  return Math.max(1, Math.min(MOST_SCENES, Math.round(songSeconds / USUAL_SCENE_SECONDS)));
}

/**
 * The lengths in seconds of `count` scenes that together cover the song: whole frames, none longer
 * than another by more than one frame. Without a song each has the usual length.
 */
export function sceneLengths(songSeconds: number | null, count: number, fps: number): number[] {
  const frames = Math.max(count, Math.ceil((songSeconds ?? USUAL_SCENE_SECONDS * count) * fps));
  return Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * frames) / count);
    return (Math.floor(((index + 1) * frames) / count) - from) / fps;
  });
}
