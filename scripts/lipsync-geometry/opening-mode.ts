import { parseArgs } from 'node:util';
import { readProcessConfig } from '../../api/config';
import { checkClip } from '../../api/media/check';
import { findPrograms } from '../../api/media/ffmpeg.finder';
import { measureTrack } from '../../api/providers/lipsync/local/faces/face.track';
import { decodeFrames } from '../../api/providers/lipsync/local/io/frame.decoder';
import {
  canonical,
  OUTER_EYE_LEFT,
  OUTER_EYE_RIGHT,
  VERTEX_COUNT,
} from '../../api/providers/lipsync/local/mesh/face.mesh';
import { startFaceModels } from '../../api/providers/lipsync/local/models/face.models';
import { type FaceFrame, planeStep } from '../../api/providers/lipsync/local/mouth/mouth.measure';
import { createFaceTracker, FRAMES_IN_FLIGHT } from '../../api/providers/lipsync/local/tracking/face.tracker';
import { createLog } from '../../api/shared/log';
import { runCommand } from '../lib/command-line';
import { leastSquares } from './least-squares';

/**
 * Measures how far every vertex of the face mesh goes down when the lips part by 1, on clips of
 * people who talk: `bun scripts/lipsync-geometry/opening-mode.ts OUT.json clip.mp4 …`. Pose is
 * regressed out, left and right are averaged. Its result is the engine's opening.mode.json.
 */
await runCommand(async () => {
  const [output, ...clips] = parseArgs({ allowPositionals: true }).positionals;
  if (output === undefined || clips.length === 0)
    throw new Error('Give an output file and at least one clip.');
  const { FFMPEG_BIN: ffmpegBin, FFPROBE_BIN: ffprobeBin } = readProcessConfig();
  const log = createLog('warn');
  const tools = { ...(await findPrograms({ ffmpegBin, ffprobeBin, log, allowInstall: false })), log };
  const models = startFaceModels();
  const sum = new Float64Array(VERTEX_COUNT);
  for (const path of clips) {
    const { video } = await checkClip(tools, path);
    const source = { path, width: video.displayWidth, height: video.displayHeight, frames: video.frames };
    const tracker = createFaceTracker(models.detect, models.readMesh, source);
    const { signal } = new AbortController();
    for await (const frame of decodeFrames(tools.ffmpegPath, source, signal, FRAMES_IN_FLIGHT + 1)) {
      await tracker.next(frame);
    }
    await tracker.finish();
    const track = tracker.shots()[0]?.tracks[0];
    if (!track) throw new Error(`No face in ${path}.`);
    const measured = measureTrack(track);
    const faces = track.meshes.flatMap((_, index) => measured.faceAt(index) ?? []);
    slopes(faces).forEach((slope, vertex) => {
      sum[vertex] = (sum[vertex] ?? 0) + slope / clips.length;
    });
  }
  models.stop();
  const mode = Array.from(
    sum,
    (slope, vertex) => Math.round(500 * (slope + (sum[mirrorOf(vertex)] ?? 0))) / 1000,
  );
  const source =
    'Down-movement of each face mesh vertex per opening of the lips, measured by scripts/lipsync-geometry/opening-mode.ts on bytedance/LatentSync assets/demo1_video.mp4 (Apache-2.0 repository), left and right averaged';
  await Bun.write(output, `${JSON.stringify({ source, mode })}\n`);
});

/** Per vertex: movement down the face for each unit of opening, with the head's pose regressed out. */
function slopes(faces: readonly FaceFrame[]): number[] {
  const rows = faces.map(({ aperture, pitch, yaw }) => [1, aperture, pitch, yaw, pitch * pitch, yaw * yaw]);
  return Array.from({ length: VERTEX_COUNT }, (_, vertex) => {
    const heights = faces.map(
      ({ mesh, pose }) =>
        (planeStep(mesh, pose, OUTER_EYE_LEFT, vertex).y + planeStep(mesh, pose, OUTER_EYE_RIGHT, vertex).y) /
        2,
    );
    return leastSquares(rows, heights)[1] ?? 0;
  });
}

/** The vertex on the other side of the face. */
function mirrorOf(vertex: number): number {
  let nearest = vertex;
  let least = Infinity;
  for (let other = 0; other < VERTEX_COUNT; other++) {
    const across = (canonical[other * 2] ?? 0) + (canonical[vertex * 2] ?? 0);
    const down = (canonical[other * 2 + 1] ?? 0) - (canonical[vertex * 2 + 1] ?? 0);
    const distance = Math.hypot(across, down);
    if (distance < least) {
      least = distance;
      nearest = other;
    }
  }
  return nearest;
}
