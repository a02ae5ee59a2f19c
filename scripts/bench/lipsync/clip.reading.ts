import { startFaceModels } from '../../../api/providers/local/lipsync/faces/face.models';
import { createFaceTracker, FRAMES_IN_FLIGHT } from '../../../api/providers/local/lipsync/faces/face.tracker';
import { type MeasuredTrack, measureTrack } from '../../../api/providers/local/lipsync/mouth/mouth.measure';
import { decodeFrames, type VideoSource } from '../../../api/providers/local/lipsync/pictures/frame.decoder';
import type { YuvFrame } from '../../../api/providers/local/lipsync/pictures/yuv.frame';
import { apertureOf, type FaceSquare, type IndependentDetector } from './independent.detector';

/** What the independent detector reads in a clip, one value per frame. */
export type ClipReading = { apertures: number[]; squares: (FaceSquare | null)[] };

/** The search costs a tenth of a second: every 5th frame, between them the square moves evenly. */
const SEARCH_EVERY = 5;

/** Finds the face's square in every frame of a clip. */
export async function findSquares(
  ffmpegPath: string,
  clip: VideoSource,
  detector: IndependentDetector,
): Promise<(FaceSquare | null)[]> {
  const found: { frame: number; square: FaceSquare }[] = [];
  let index = 0;
  for await (const frame of decodeFrames(ffmpegPath, clip, new AbortController().signal)) {
    if (index % SEARCH_EVERY === 0) {
      const square = await detector.findFace(frame);
      if (square) found.push({ frame: index, square });
    }
    index++;
  }
  return Array.from({ length: clip.frames }, (_, frame) => between(found, frame));
}

/** Measures the mouth of every frame inside known squares: the same ones before and after. */
export async function readApertures(
  ffmpegPath: string,
  clip: VideoSource,
  squares: readonly (FaceSquare | null)[],
  detector: IndependentDetector,
): Promise<number[]> {
  const apertures: number[] = [];
  for await (const frame of decodeFrames(ffmpegPath, clip, new AbortController().signal)) {
    const square = squares[apertures.length];
    apertures.push(square ? apertureOf(await detector.readPoints(frame, square)) : 0);
  }
  return apertures;
}

/** Follows the first face of a clip's first shot as the engine does; null when there is none. */
export async function trackFace(
  ffmpegPath: string,
  clip: VideoSource & { fps: number },
): Promise<MeasuredTrack | null> {
  const models = startFaceModels();
  try {
    const tracker = createFaceTracker(models.detect, models.readMesh, clip);
    const { signal } = new AbortController();
    for await (const frame of decodeFrames(ffmpegPath, clip, signal, FRAMES_IN_FLIGHT + 1)) {
      await tracker.next(frame);
    }
    await tracker.finish();
    const track = tracker.shots()[0]?.tracks[0];
    return track ? measureTrack(track) : null;
  } finally {
    models.stop();
  }
}

/** Walks through two clips of equal size side by side. */
export async function walkPair(
  ffmpegPath: string,
  a: VideoSource,
  b: VideoSource,
  visit: (before: YuvFrame, after: YuvFrame, index: number) => void,
): Promise<void> {
  const signal = new AbortController().signal;
  const second = decodeFrames(ffmpegPath, b, signal);
  let index = 0;
  for await (const frame of decodeFrames(ffmpegPath, a, signal)) {
    const other = await second.next();
    if (other.done) break;
    visit(frame, other.value, index++);
  }
  await second.return(undefined);
}

/** The square at a frame, moved evenly between the two nearest that were found. */
function between(found: readonly { frame: number; square: FaceSquare }[], frame: number): FaceSquare | null {
  const later = found.find((entry) => entry.frame >= frame) ?? found[found.length - 1];
  const earlier = [...found].reverse().find((entry) => entry.frame <= frame) ?? found[0];
  if (!later || !earlier) return null;
  const span = later.frame - earlier.frame;
  const part = span > 0 ? (frame - earlier.frame) / span : 0;
  const mix = (a: number, b: number): number => a + (b - a) * part;
  return {
    x: mix(earlier.square.x, later.square.x),
    y: mix(earlier.square.y, later.square.y),
    size: mix(earlier.square.size, later.square.size),
  };
}
