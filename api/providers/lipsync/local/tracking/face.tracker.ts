import { overlap } from '../models/blazeface.decode';
import type { FaceDetector } from '../models/blazeface.model';
import type { MeshReader } from '../models/facemesh.model';
import type { Region } from '../pixels/crop.sampler';
import type { YuvFrame } from '../pixels/yuv.frame';
import { packMesh } from './compact.mesh';
import { regionOfDetection, regionOfMesh } from './mesh.region';
import { searchSquares } from './search.squares';
import { createShotDetector } from './shot.detector';
import type { Shot } from './track.types';

/** A face seen in the frame just given. */
export type SeenFace = { id: number; mesh: Float32Array };

export type FaceTracker = {
  /** Takes the next frame of the clip; answers which shot it belongs to and the faces in it. */
  next(frame: YuvFrame): Promise<{ shot: number; faces: SeenFace[] }>;
  /** Everything seen so far. */
  shots(): Shot[];
};

/** More people than this in one picture are a crowd: their mouths are too small to matter. */
const MOST_FACES = 4;
/** The mesh model's own certainty that there is a face (MediaPipe's value). */
const MIN_FLAG = 0.5;
/** With a face in sight, look for further ones once a second or so: a search costs as much as four meshes. */
const LOOK_AGAIN = 25;
/** Without a face, search the whole picture every 3rd frame and the tiles every 25th. */
const SEARCH_WHOLE = 3;
const SEARCH_TILES = 25;

type LiveFace = { id: number; region: Region };

/** Follows every face through every shot of a clip. Frames come in order, each exactly once. */
export function createFaceTracker(
  detect: FaceDetector,
  readMesh: MeshReader,
  size: { width: number; height: number },
): FaceTracker {
  const levels = searchSquares(size.width, size.height);
  const beginsShot = createShotDetector();
  const shots: Shot[] = [];
  let live: LiveFace[] = [];
  let nextId = 0;
  let frameIndex = 0;

  async function search(frame: YuvFrame, sinceCut: number): Promise<Region[]> {
    const due = live.length > 0 ? sinceCut % LOOK_AGAIN === 0 : sinceCut % SEARCH_WHOLE === 0;
    if (!due) return [];
    const depth = live.length === 0 && sinceCut % SEARCH_TILES === 0 ? levels.length : 1;
    for (const level of levels.slice(0, depth)) {
      const found: Region[] = [];
      for (const square of level) {
        for (const face of await detect(frame, square)) {
          const region = regionOfDetection(face);
          const known = [...live.map((other) => other.region), ...found];
          if (known.every((other) => overlap(other, region) < 0.3)) found.push(region);
        }
      }
      if (found.length > 0) return found.sort((a, b) => b.size - a.size);
    }
    return [];
  }

  return {
    async next(frame) {
      if (beginsShot(frame)) {
        shots.push({ start: frameIndex, end: frameIndex, tracks: [] });
        live = [];
      }
      const shot = shots[shots.length - 1];
      if (!shot) throw new Error('A clip begins with a shot.');
      const offset = frameIndex - shot.start;
      for (const region of await search(frame, offset)) {
        if (live.length < MOST_FACES) live.push({ id: nextId++, region });
      }
      const faces: SeenFace[] = [];
      const stillLive: LiveFace[] = [];
      for (const face of live) {
        const { flag, mesh } = await readMesh(frame, face.region);
        const region = regionOfMesh(mesh);
        const twin = stillLive.some((other) => overlap(other.region, region) > 0.5);
        if (flag < MIN_FLAG || twin || !plausible(region, face.region)) continue;
        let track = shot.tracks.find(({ id }) => id === face.id);
        if (!track) {
          track = { id: face.id, meshes: [] };
          shot.tracks.push(track);
        }
        while (track.meshes.length < offset) track.meshes.push(null);
        track.meshes.push(packMesh(mesh));
        faces.push({ id: face.id, mesh });
        stillLive.push({ id: face.id, region });
      }
      live = stillLive;
      frameIndex++;
      shot.end = frameIndex;
      return { shot: shots.length - 1, faces };
    },
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

/** A mesh that collapses, explodes or leaves its square is the model's imagination. */
function plausible(now: Region, before: Region): boolean {
  const ratio = now.size / before.size;
  const moved = Math.hypot(now.x - before.x, now.y - before.y) / before.size;
  return now.size > 24 && ratio > 0.6 && ratio < 1.6 && moved < 0.4;
}
