import type { Faces } from '../../../../contract/singing.schema';
import { type FaceModels, startFaceModels } from '../faces/face.models';
import { overlap } from '../faces/model.outputs';
import { regionOfDetection, regionOfMesh, searchSquares } from '../faces/search.regions';
import type { Region } from '../pictures/crop.sampler';
import { decodeFrames } from '../pictures/frame.decoder';
import type { YuvFrame } from '../pictures/yuv.frame';
import type { FacesJob } from './look.job';
import { boxOfMesh, type FaceBox, summarise } from './look.rules';

type FoundFace = { region: Region; box: FaceBox };

/** Looks at one picture every two seconds, at least and at most at so many. */
const SECONDS_APART = 2;
const FEWEST_PICTURES = 5;
const MOST_PICTURES = 16;
/**
 * The finest squares of a picture cost as much as all others together: they are searched in so many of the
 * pictures. A face that only they show stays for seconds, as whoever films somebody small stands still.
 */
const SEARCHED_FINELY = 2;
/**
 * Certainties of the mesh model that there is a face, the lower of two readings. Faces of 20 recordings exceed
 * the first (.99 and more in the eight clips that were printed), drawn moons and hills reach .67; the tracker goes
 * on from .5 (MediaPipe's value).
 */
const SURE = 0.9;
const DOUBTFUL = 0.5;
/** Of a frame: a time that is rounded up must not skip the picture. */
const BEFORE = 0.25;
/** Found again in an overlapping square. */
const SAME_FACE = 0.3;

/**
 * Looks for faces in a few pictures spread over a clip: those that a lip-sync would find and follow.
 * @throws AppError `UnreadableVideo`
 */
export async function lookForFaces(job: FacesJob, signal: AbortSignal): Promise<Faces> {
  const models = startFaceModels();
  const squares = searchSquares(job.width, job.height);
  try {
    const seen: { frame: number; faces: FoundFace[] }[] = [];
    let doubts = 0;
    const at = pictures(job);
    const finely = new Set(spread(at.length, Math.min(SEARCHED_FINELY, at.length)));
    for (const [index, frame] of at.entries()) {
      signal.throwIfAborted();
      const picture = await readPicture(job, frame, signal);
      const depth = finely.has(index) ? squares.length : Math.max(2, squares.length - 1);
      const { faces, doubtful } = await search(models, picture, squares.slice(0, depth));
      seen.push({ frame, faces });
      doubts += doubtful;
    }
    return summarise(seen, { ...job, doubts });
  } finally {
    models.stop();
  }
}

/** So many whole numbers below `count`, evenly apart. */
function spread(count: number, wanted: number): number[] {
  return Array.from({ length: wanted }, (_, i) => Math.floor(((i + 0.5) * count) / wanted));
}

function pictures({ frames, fps }: FacesJob): number[] {
  const wanted = Math.min(MOST_PICTURES, Math.max(FEWEST_PICTURES, Math.ceil(frames / fps / SECONDS_APART)));
  return spread(frames, Math.min(frames, wanted));
}

/** One picture, by its own time: decoding all of a long clip for a few would take as long as a lip-sync. */
async function readPicture(job: FacesJob, frame: number, signal: AbortSignal): Promise<YuvFrame> {
  const { ffmpegPath, path, width, height, fps } = job;
  const source = { path, width, height, frames: 1, fromSeconds: Math.max(0, (frame - BEFORE) / fps) };
  for await (const picture of decodeFrames(ffmpegPath, source, signal)) return picture;
  throw new Error('The decoder gave no picture.');
}

/** Coarse squares first; finer ones only where those show nobody. */
async function search(
  models: FaceModels,
  picture: YuvFrame,
  levels: readonly (readonly Region[])[],
): Promise<{ faces: FoundFace[]; doubtful: number }> {
  let doubtful = 0;
  for (const level of levels) {
    const faces: FoundFace[] = [];
    for (const square of level) {
      for (const found of await models.detect(picture, square)) {
        const first = await models.readMesh(picture, regionOfDetection(found));
        if (first.flag < DOUBTFUL) continue;
        // Once more from where the mesh lies: the detector's square is rough, and what is no face falls apart.
        const { flag, mesh } = await models.readMesh(picture, regionOfMesh(first.mesh));
        const certainty = Math.min(first.flag, flag);
        const region = regionOfMesh(mesh);
        if (certainty < DOUBTFUL || faces.some((other) => overlap(other.region, region) >= SAME_FACE))
          continue;
        if (certainty < SURE) doubtful += 1;
        else faces.push({ region, box: boxOfMesh(mesh) });
      }
    }
    if (faces.length > 0) return { faces: faces.sort((a, b) => b.region.size - a.region.size), doubtful };
  }
  return { faces: [], doubtful };
}
