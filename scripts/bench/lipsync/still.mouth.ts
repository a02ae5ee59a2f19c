import type { Format } from '../../../api/contract/format.schema';
import { mezzanineVideoArguments } from '../../../api/media/mezzanine.arguments';
import {
  canonical,
  lowerInner,
  upperInner,
  VERTEX_COUNT,
} from '../../../api/providers/local/lipsync/faces/face.mesh';
import { intoModel, type Pose } from '../../../api/providers/local/lipsync/faces/pose.fit';
import type { MeasuredTrack } from '../../../api/providers/local/lipsync/mouth/mouth.measure';
import { trianglesWhere } from '../../../api/providers/local/lipsync/mouth/mouth.weights';
import { decodeFrames, type VideoSource } from '../../../api/providers/local/lipsync/pictures/frame.decoder';
import { startEncoder } from '../../../api/providers/local/lipsync/pictures/frame.encoder';
import { type YuvFrame, yuvFrame } from '../../../api/providers/local/lipsync/pictures/yuv.frame';
import { planesOf, warpTriangles } from '../../../api/providers/local/lipsync/render/triangle.warp';

/** Half way from the mouth (0) to the nose's tip, in eye distances: above, the face stays as it is. */
const MASK_FROM = -0.2;
/** The mesh leaves the opening between the lips free; here lips and what lies between them are one. */
const lowerFace = Uint16Array.from([
  ...trianglesWhere((corners) => corners.every((vertex) => (canonical[vertex * 2 + 1] ?? 0) > MASK_FROM)),
  ...betweenLips(),
]);

export type MaskRequest = {
  clip: VideoSource & Format;
  track: MeasuredTrack;
  /** The frame whose face becomes the mask. */
  moment: number;
  outputPath: string;
};

/**
 * Writes a clip whose mouth cannot move: the lower face of one frame as a rigid mask, laid over every
 * frame of `clip` in that frame's pose (turned, nodding, near or far), and encoded as takes are. Eyes and
 * brows move on, as they deceive detectors too. What one reads of its mouth is the detector's own error
 * under this head's movement, changes of light left out.
 */
export async function writeStillMouth(
  ffmpegPath: string,
  { clip, track, moment, outputPath }: MaskRequest,
): Promise<void> {
  const face = track.faceAt(moment);
  const picture = await pictureAt(ffmpegPath, clip, moment);
  if (!face || !picture) throw new Error(`No face is seen in frame ${moment}.`);
  const from = new Float32Array(VERTEX_COUNT * 2);
  const to = new Float32Array(VERTEX_COUNT * 2);
  for (let vertex = 0; vertex < VERTEX_COUNT; vertex++) {
    from[vertex * 2] = face.mesh[vertex * 3] ?? 0;
    from[vertex * 2 + 1] = face.mesh[vertex * 3 + 1] ?? 0;
  }
  const rigid = intoModel(face.mesh, face.pose, new Float32Array(VERTEX_COUNT * 3));
  const { width, height, fps, frames } = clip;
  const videoArguments = mezzanineVideoArguments({ width, height, fps }, 2);
  const encoder = startEncoder(ffmpegPath, {
    width,
    height,
    fps,
    frames,
    audioPath: null,
    outputPath,
    videoArguments,
  });
  try {
    let index = 0;
    for await (const frame of decodeFrames(ffmpegPath, clip, new AbortController().signal)) {
      const pose = track.faceAt(index++)?.pose;
      if (pose) layMask(frame, picture, from, project(rigid, pose, to));
      await encoder.write(frame);
    }
    await encoder.finish();
  } finally {
    await encoder.abandon();
  }
}

function layMask(frame: YuvFrame, picture: YuvFrame, from: Float32Array, to: Float32Array): void {
  const source = planesOf(picture, 0, 0);
  const target = planesOf(frame, 0, 0);
  warpTriangles(lowerFace, from, source.luma, to, target.luma);
  warpTriangles(lowerFace, from, source.chroma, to, target.chroma);
}

/** The picture's places of a rigid face in a pose. */
function project(
  rigid: Float32Array,
  { rotation, scale, translation }: Pose,
  to: Float32Array,
): Float32Array {
  for (let vertex = 0; vertex < VERTEX_COUNT; vertex++) {
    for (let axis = 0; axis < 2; axis++) {
      let turned = 0;
      for (let column = 0; column < 3; column++) {
        turned += (rotation[axis * 3 + column] ?? 0) * (rigid[vertex * 3 + column] ?? 0);
      }
      to[vertex * 2 + axis] = scale * turned + (translation[axis] ?? 0);
    }
  }
  return to;
}

async function pictureAt(ffmpegPath: string, clip: VideoSource, moment: number): Promise<YuvFrame | null> {
  let index = 0;
  for await (const frame of decodeFrames(ffmpegPath, clip, new AbortController().signal)) {
    if (index++ === moment) return yuvFrame(frame.width, frame.height, frame.data.slice());
  }
  return null;
}

/** Both windings of each triangle: which one faces the front depends on how far the lips are apart. */
function betweenLips(): number[] {
  const corners: number[] = [];
  for (let i = 0; i + 1 < upperInner.length; i++) {
    const [a, b] = [upperInner[i] ?? 0, upperInner[i + 1] ?? 0];
    const [c, d] = [lowerInner[i] ?? 0, lowerInner[i + 1] ?? 0];
    corners.push(a, b, c, a, c, b, b, d, c, b, c, d);
  }
  return corners;
}
