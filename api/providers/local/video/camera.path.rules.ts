import { type CameraMove, readMoveWords } from '../image/move.reading.rules';

/** Where the camera looks in one frame; the sheet is the picture it moves over, in pixels. */
export type Pose = {
  /** The middle of the view on the sheet. */
  x: number;
  y: number;
  /** Sheet pixels for one pixel of the clip. */
  step: number;
  /** How far what is near (the lower part) has moved aside, in sheet pixels. */
  parallax: number;
  /** By how much what is near is larger, as a share. */
  swell: number;
};

export type CameraPlan = {
  move: CameraMove;
  sheet: { width: number; height: number };
  grain: boolean;
  pose(frame: number): Pose;
};

/**
 * The tightest view takes 0.93 sheet pixels for each pixel: never one for one, where a slow move makes
 * the whole picture sharp and soft in turn as it passes from pixel to pixel.
 */
const TIGHTEST = 0.93;
/** Far and near part by up to this share of the width: two layers are felt, faces are not bent. */
const PARALLAX = 0.011;
const SWELL = 0.016;
/** Share of the time in which the camera starts and stops. */
const EASE = 0.2;

const freeMoves: CameraMove[] = ['push-in', 'pull-out', 'pan-left', 'pan-right', 'tilt-up', 'drift', 'drift'];

export type ShotSize = { width: number; height: number; fps: number; frames: number };

/** Plans the camera's way: by the words of the prompt, else by chance; `chance` gives 0..1. */
export function planCamera(prompt: string, size: ShotSize, chance: () => number): CameraPlan {
  const words = readMoveWords(prompt);
  const free = freeMoves[Math.floor(chance() * freeMoves.length)] ?? 'drift';
  const move = words.move ?? (words.handheld ? 'still' : free);
  const seconds = size.frames / size.fps;
  // 2.2 % of the picture a second looks like a camera, 13 % is as far as a picture bears looking into.
  const reach = move === 'still' ? 0 : Math.min((0.03 + 0.022 * Math.min(seconds, 5)) * words.speed, 0.2);
  const shake = words.handheld ? 0.011 : 0;
  const spare = 2 * (PARALLAX + SWELL + shake) + 0.004;
  const view = { width: size.width * TIGHTEST, height: size.height * TIGHTEST };
  const even = (value: number) => 2 * Math.ceil(value / 2);
  const sheet = {
    width: even(view.width * (1 + reach + spare)),
    height: even(view.height * (1 + reach + spare)),
  };
  const side = chance() < 0.5 ? -1 : 1;
  const rise = chance() < 0.5 ? -1 : 1;
  const focus = { x: (chance() - 0.5) * 0.5, y: (chance() - 0.6) * 0.5 };
  const shakes = shakeOf(size, shake, chance);
  const last = Math.max(size.frames - 1, 1);
  return {
    move,
    sheet,
    grain: words.grain,
    pose(frame) {
      const way = eased(frame / last);
      const far = way - 0.5;
      const { x, y, zoom } = placeOf(move, { way, far, side, rise, focus }, reach);
      const [shakeX, shakeY] = shakes(frame / size.fps);
      const aside = move === 'pan-left' ? -1 : move === 'pan-right' ? 1 : move === 'drift' ? side : 0;
      return {
        x: sheet.width / 2 + (x + shakeX) * view.width,
        y: sheet.height / 2 + (y + shakeY) * view.height,
        step: TIGHTEST * (1 + zoom),
        parallax: aside * far * 2 * PARALLAX * view.width,
        swell: SWELL * (move === 'push-in' ? way : move === 'pull-out' ? 1 - way : 0),
      };
    },
  };
}

type Way = {
  way: number;
  far: number;
  side: number;
  rise: number;
  focus: { x: number; y: number };
};

/** Middle of the view, in views from the middle of the sheet, and how much wider than the tightest it is. */
function placeOf(move: CameraMove, { way, far, side, rise, focus }: Way, reach: number) {
  const closer = (near: number) => ({
    // The tighter the view, the more room there is to look aside.
    x: focus.x * reach * near,
    y: focus.y * reach * near,
    zoom: reach * (1 - near),
  });
  const slow = reach * 0.16;
  switch (move) {
    case 'push-in':
      return closer(way);
    case 'pull-out':
      return closer(1 - way);
    case 'pan-left':
      return { x: -far * (reach - slow), y: 0, zoom: slow * (1 - way) };
    case 'pan-right':
      return { x: far * (reach - slow), y: 0, zoom: slow * (1 - way) };
    case 'tilt-up':
      return { x: 0, y: -far * (reach - slow), zoom: slow * (1 - way) };
    case 'tilt-down':
      return { x: 0, y: far * (reach - slow), zoom: slow * (1 - way) };
    case 'drift':
      return {
        x: side * far * reach * 0.6,
        y: rise * far * reach * 0.3,
        zoom: reach * 0.4 * (rise > 0 ? 1 - way : way),
      };
    case 'still':
      return { x: 0, y: 0, zoom: 0 };
  }
}

/** From 0 to 1 with a soft start and stop and an even way between (a cosine ramp of the speed). */
export function eased(time: number): number {
  const ramp = (at: number) =>
    (at / 2 - (EASE / (2 * Math.PI)) * Math.sin((Math.PI * at) / EASE)) / (1 - EASE);
  if (time < EASE) return ramp(Math.max(time, 0));
  if (time > 1 - EASE) return 1 - ramp(Math.max(1 - time, 0));
  return (time - EASE / 2) / (1 - EASE);
}

/** A hand's tremor: a slow sway, breathing and a little shake, in shares of the picture. */
function shakeOf(
  size: ShotSize,
  amount: number,
  chance: () => number,
): (seconds: number) => [number, number] {
  const waves = [
    { hertz: 0.31, share: 0.55 },
    { hertz: 0.83, share: 0.3 },
    { hertz: 1.9, share: 0.15 },
  ];
  const phases = waves.map(() => [chance(), chance()] as const);
  const tall = size.width / size.height;
  return (seconds) => {
    let [x, y] = [0, 0];
    for (const [index, { hertz, share }] of waves.entries()) {
      const [phaseX, phaseY] = phases[index] ?? [0, 0];
      x += share * Math.sin(2 * Math.PI * (hertz * seconds + phaseX));
      y += share * Math.sin(2 * Math.PI * (hertz * 1.13 * seconds + phaseY));
    }
    return [x * amount, y * amount * Math.min(tall, 1)];
  };
}

/** How near a row is: 0 from the top down to a quarter, 1 at the foot, gently between. */
export function nearness(row: number, height: number): number {
  const at = Math.min(Math.max((row / height - 0.25) / 0.65, 0), 1);
  return at * at * (3 - 2 * at);
}
