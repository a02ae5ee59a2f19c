import type { Scene } from '#contract/scene.schema';

/** Where in a file a scene's clip is found that was not cut for the scene. */
export type ClipPlace = {
  /** The frame of the file that the scene's first frame shows; outside the file where it holds only a part. */
  first: number;
  /** Frames of the file per frame of the scene. */
  speed: number;
  /** Frames that the file holds. */
  frames: number;
  /** Frames of the scene that the clip reaches. */
  reached: number;
  ending: Scene['window']['ending'];
};

/** The file that a scene shows. */
export type ShownClip = {
  takeId: string | null;
  url: string | null;
  /** Null: the file was cut for the scene. */
  place: ClipPlace | null;
};

/** Names the file as it was brought, beside the one that was made of it for browsers. */
export const SOURCE = ':source';

type ShownScene = Pick<
  Scene,
  | 'currentTake'
  | 'originalTake'
  | 'videoClipUrl'
  | 'fitting'
  | 'window'
  | 'frames'
  | 'sourceFrames'
  | 'missingFrames'
>;

/**
 * What is shown of a scene: its clip, or while that is still being cut the original through the scene's window.
 * Where the file for browsers doesn't reach, the one that was brought is shown.
 * @param canPlay whether this browser plays the file of a take id
 */
export function shownClip(scene: ShownScene, canPlay: (takeId: string) => boolean): ShownClip {
  const { originalTake: original, window, currentTake } = scene;
  if (!scene.fitting || original === null) {
    return { takeId: currentTake?.id ?? null, url: scene.videoClipUrl, place: null };
  }
  const { inFrame, speed, ending } = window;
  const held = original.frames ?? 0;
  const total = scene.sourceFrames ?? held;
  const first = inFrame - original.sourceStart;
  const reached = Math.max(1, (scene.frames ?? 0) - scene.missingFrames);
  const isHeld = first >= 0 && first + Math.floor((reached - 1) * speed) < held;
  const source = `${original.id}${SOURCE}`;
  if (!isHeld && original.sourceUrl !== null && canPlay(source)) {
    const place = { first: inFrame, speed, frames: total, reached, ending };
    return { takeId: source, url: original.sourceUrl, place };
  }
  return { takeId: original.id, url: original.url, place: { first, speed, frames: held, reached, ending } };
}

/**
 * The frame of the file that is shown at a frame of the scene, as the studio renders it: where the clip
 * doesn't reach, its last frame is held, or it goes back and forth.
 */
export function fileFrame(place: ClipPlace | null, frame: number): number {
  if (place === null) return frame;
  const { first, frames, reached, ending, speed } = place;
  const round = 2 * (reached - 1);
  const at = ending === 'bounce' && round > 0 ? frame % round : frame;
  const shown = at < reached ? at : ending === 'bounce' && round > 0 ? round - at : reached - 1;
  return Math.max(0, Math.min(frames - 1, first + Math.floor(shown * speed + 1e-6)));
}

/** Seconds in the file at a time of the scene, where the clip runs: a time between two frames stays one. */
export const fileTime = (place: ClipPlace | null, seconds: number, fps: number): number =>
  place === null ? seconds : place.first / fps + seconds * place.speed;

/** Whether the clip runs at a frame of the scene; else its picture stands, or is sought. */
export function runsAt(place: ClipPlace | null, frame: number): boolean {
  if (place === null) return true;
  const wish = place.first + Math.floor(frame * place.speed);
  return frame < place.reached && wish >= 0 && wish < place.frames;
}
