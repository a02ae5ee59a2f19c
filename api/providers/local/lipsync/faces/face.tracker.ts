import type { Region } from '../pictures/crop.sampler';
import type { YuvFrame } from '../pictures/yuv.frame';
import type { FaceDetector, MeshReader, MeshReading } from './face.models';
import { packMesh, type Shot } from './face.track';
import { type Detection, overlap } from './model.outputs';
import { regionOfDetection, regionOfMesh, searchSquares } from './search.regions';
import { createShotDetector } from './shot.detector';

/** A face seen in a frame. */
export type SeenFace = { id: number; mesh: Float32Array };
/** A frame whose faces are known: its number in the clip, its picture, and the shot it belongs to. */
export type TrackedFrame = { index: number; frame: YuvFrame; shot: number; faces: SeenFace[] };

export type FaceTracker = {
  /**
   * Takes the next frame of the clip; answers the frames that became known meanwhile, in order. The
   * picture must stay as it is until FRAMES_IN_FLIGHT more frames were taken.
   */
  next(frame: YuvFrame): Promise<TrackedFrame[]>;
  /** After the last frame: those that were still on their way. */
  finish(): Promise<TrackedFrame[]>;
  /** Everything seen so far. */
  shots(): Shot[];
};

/**
 * Two meshes are computed side by side, so a frame's face is looked for where it was two frames
 * before. The model's square has a quarter of the face around it: enough for 80 ms of movement.
 */
export const FRAMES_IN_FLIGHT = 2;
/** More people than this in one picture are a crowd: their mouths are too small to matter. */
const MOST_FACES = 4;
/** The mesh model's own certainty that there is a face (MediaPipe's value). */
const MIN_FLAG = 0.5;
/** Seconds: with a face in sight, look for further ones after one, later every three: a search costs as much as ten meshes. */
const LOOK_AGAIN_FIRST = 1;
const LOOK_AGAIN = 3;
/** Without a face, search the whole picture every 3rd frame, and its tiles every three seconds. */
const SEARCH_WHOLE_FRAMES = 3;
const SEARCH_TILES = 3;

/** Squares that share more than this belong to one face: found again, or two faces that became one. */
const KNOWN_FACE = 0.3;
const TWIN_FACE = 0.5;
/**
 * From one frame to the next a face's square stays above so many pixels, changes its size within these ratios
 * and moves by less than this share of itself; the model's square has a quarter of a face to spare on each side.
 */
const SMALLEST_FACE = 24;
const SHRINKS_TO = 0.6;
const GROWS_TO = 1.6;
const MOVES_BY = 0.4;

type LiveFace = { id: number; region: Region; isLost: boolean };
type FrameInFlight = {
  index: number;
  frame: YuvFrame;
  readings: Promise<{ face: LiveFace; reading: MeshReading }[]>;
};

/**
 * Follows every face through every shot of a clip of this size in pixels and rate in frames per second.
 * Frames come in order, each exactly once.
 */
export function createFaceTracker(
  detect: FaceDetector,
  readMesh: MeshReader,
  clip: { width: number; height: number; fps: number },
): FaceTracker {
  const levels = searchSquares(clip.width, clip.height);
  const framesOf = (seconds: number) => Math.round(seconds * clip.fps);
  const beginsShot = createShotDetector();
  const shots: Shot[] = [];
  const inFlight: FrameInFlight[] = [];
  let live: LiveFace[] = [];
  let nextId = 0;
  let frameIndex = 0;

  function isSearchDue(sinceCut: number): boolean {
    if (live.length === 0) return sinceCut % SEARCH_WHOLE_FRAMES === 0;
    return sinceCut === framesOf(LOOK_AGAIN_FIRST) || sinceCut % framesOf(LOOK_AGAIN) === 0;
  }

  async function search(frame: YuvFrame, sinceCut: number): Promise<Region[]> {
    const depth = live.length === 0 && sinceCut % framesOf(SEARCH_TILES) === 0 ? levels.length : 1;
    for (const level of levels.slice(0, depth)) {
      const found: Region[] = [];
      for (const region of (await detectAll(frame, level)).map(regionOfDetection)) {
        const known = [...live.map((other) => other.region), ...found];
        if (known.every((other) => overlap(other, region) < KNOWN_FACE)) found.push(region);
      }
      if (found.length > 0) return found.sort((a, b) => b.size - a.size);
    }
    return [];
  }

  /** Two squares at a time: the tiles of a large picture would fill the memory together. */
  async function detectAll(frame: YuvFrame, squares: readonly Region[]): Promise<Detection[]> {
    const found: Detection[] = [];
    for (let i = 0; i < squares.length; i += FRAMES_IN_FLIGHT) {
      const pair = squares.slice(i, i + FRAMES_IN_FLIGHT);
      found.push(...(await Promise.all(pair.map((square) => detect(frame, square)))).flat());
    }
    return found;
  }

  function start(frame: YuvFrame): void {
    const asked = live.map(async (face) => ({ face, reading: await readMesh(frame, face.region) }));
    const readings = Promise.all(asked);
    // Whoever waits for the frame hears of a failure; if nobody does any more, the work was stopped.
    readings.catch(() => undefined);
    inFlight.push({ index: frameIndex, frame, readings });
  }

  /** Waits for the oldest frame in flight and writes its faces down. */
  async function settle(): Promise<TrackedFrame[]> {
    const oldest = inFlight.shift();
    const shot = shots[shots.length - 1];
    if (!oldest || !shot) return [];
    const { index, frame } = oldest;
    const faces: SeenFace[] = [];
    const kept: LiveFace[] = [];
    for (const { face, reading } of await oldest.readings) {
      if (face.isLost) continue;
      const region = regionOfMesh(reading.mesh);
      const twin = kept.some((other) => overlap(other.region, region) > TWIN_FACE);
      if (reading.flag < MIN_FLAG || twin || !plausible(region, face.region)) {
        face.isLost = true;
        continue;
      }
      face.region = region;
      kept.push(face);
      const track = trackOf(shot, face.id);
      while (track.meshes.length < index - shot.start) track.meshes.push(null);
      track.meshes.push(packMesh(reading.mesh));
      faces.push({ id: face.id, mesh: reading.mesh });
    }
    live = live.filter((face) => !face.isLost);
    shot.end = index + 1;
    return [{ index, frame, shot: shots.length - 1, faces }];
  }

  async function settleDownTo(count: number): Promise<TrackedFrame[]> {
    const done: TrackedFrame[] = [];
    while (inFlight.length > count) done.push(...(await settle()));
    return done;
  }

  return {
    async next(frame) {
      const done: TrackedFrame[] = [];
      if (beginsShot(frame)) {
        done.push(...(await settleDownTo(0)));
        shots.push({ start: frameIndex, end: frameIndex, tracks: [] });
        live = [];
      }
      const sinceCut = frameIndex - (shots[shots.length - 1]?.start ?? 0);
      let isNew = false;
      if (isSearchDue(sinceCut)) {
        // Which faces are known, and where, must be certain before further ones are looked for.
        done.push(...(await settleDownTo(0)));
        const found = (await search(frame, sinceCut)).slice(0, MOST_FACES - live.length);
        isNew = found.length > 0;
        live.push(...found.map((region) => ({ id: nextId++, region, isLost: false })));
      }
      done.push(...(await settleDownTo(FRAMES_IN_FLIGHT - 1)));
      start(frame);
      frameIndex++;
      // The detector's square is rough: the next frame shall start from the mesh's own.
      if (isNew) done.push(...(await settleDownTo(0)));
      return done;
    },
    finish: () => settleDownTo(0),
    shots() {
      for (const shot of shots) {
        for (const track of shot.tracks) {
          while (track.meshes.length < shot.end - shot.start) track.meshes.push(null);
        }
      }
      return shots;
    },
  };
}

function trackOf(shot: Shot, id: number): Shot['tracks'][number] {
  const known = shot.tracks.find((track) => track.id === id);
  if (known) return known;
  const track = { id, meshes: [] };
  shot.tracks.push(track);
  return track;
}

/** Whether a mesh can be the same face a frame later; the model gives one that isn't where it has lost the face. */
function plausible(now: Region, before: Region): boolean {
  const ratio = now.size / before.size;
  const moved = Math.hypot(now.x - before.x, now.y - before.y) / before.size;
  return now.size > SMALLEST_FACE && ratio > SHRINKS_TO && ratio < GROWS_TO && moved < MOVES_BY;
}
