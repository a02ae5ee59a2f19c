import { parseArgs } from 'node:util';
import { readProcessConfig } from '../../api/config';
import { checkClip } from '../../api/media/check';
import { findPrograms } from '../../api/media/ffmpeg.finder';
import {
  canonical,
  OUTER_EYE_LEFT,
  OUTER_EYE_RIGHT,
  VERTEX_COUNT,
} from '../../api/providers/local/lipsync/faces/face.mesh';
import { startFaceModels } from '../../api/providers/local/lipsync/faces/face.models';
import { createFaceTracker, FRAMES_IN_FLIGHT } from '../../api/providers/local/lipsync/faces/face.tracker';
import {
  type FaceFrame,
  measureTrack,
  planeStep,
} from '../../api/providers/local/lipsync/mouth/mouth.measure';
import { decodeFrames } from '../../api/providers/local/lipsync/pictures/frame.decoder';
import { createLog } from '../../api/shared/log';
import { runCommand } from '../lib/command-line';
import { leastSquares } from './least-squares';

/**
 * Opening (eye distances) from which the jaw does more of it: the knee tried that explains the chin best
 * (residual .0153 eye distances; .0163 with .08, .0158 with .18, .0181 without a knee).
 */
const WIDE_FROM = 0.12;

/**
 * Measures how far every vertex of the face mesh goes down when the lips part by 1 (`mode`), and how
 * much further where they are wide apart already (`wide`), on clips of people who talk:
 * `bun scripts/lipsync-geometry/opening-mode.ts OUT.json clip.mp4 …`. Pose is regressed out, left and
 * right are averaged. Its result is the engine's opening.mode.json.
 */
await runCommand(async () => {
  const [output, ...clips] = parseArgs({ allowPositionals: true }).positionals;
  if (output === undefined || clips.length === 0)
    throw new Error('Give an output file and at least one clip.');
  const { FFMPEG_BIN: ffmpegBin, FFPROBE_BIN: ffprobeBin } = readProcessConfig();
  const log = createLog('warn');
  const tools = { ...(await findPrograms({ ffmpegBin, ffprobeBin, log, allowInstall: false })), log };
  const models = startFaceModels();
  const mode = new Float64Array(VERTEX_COUNT);
  const wide = new Float64Array(VERTEX_COUNT);
  for (const path of clips) {
    const { video } = await checkClip(tools, path);
    const source = { path, width: video.displayWidth, height: video.displayHeight, frames: video.frames };
    const tracker = createFaceTracker(models.detect, models.readMesh, { ...source, fps: video.fps });
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
      mode[vertex] = (mode[vertex] ?? 0) + slope.opening / clips.length;
      wide[vertex] = (wide[vertex] ?? 0) + slope.wide / clips.length;
    });
  }
  models.stop();
  const source =
    'Down-movement of each face mesh vertex per opening of the lips, measured by scripts/lipsync-geometry/opening-mode.ts on bytedance/LatentSync assets/demo1_video.mp4 (Apache-2.0 repository), left and right averaged';
  await Bun.write(
    output,
    `${JSON.stringify({ source, mode: bothSides(mode), wideFrom: WIDE_FROM, wide: bothSides(wide) })}\n`,
  );
});

/** Each vertex and its mirror image averaged, to thousandths. */
function bothSides(slopes: Float64Array): number[] {
  return Array.from(
    slopes,
    (slope, vertex) => Math.round(500 * (slope + (slopes[mirrorOf(vertex)] ?? 0))) / 1000,
  );
}

/**
 * Per vertex: movement down the face for each unit of opening, and what comes to it for each unit beyond
 * WIDE_FROM, with the head's pose regressed out.
 */
function slopes(faces: readonly FaceFrame[]): { opening: number; wide: number }[] {
  const rows = faces.map(({ aperture, pitch, yaw }) => [
    ...[1, aperture, Math.max(0, aperture - WIDE_FROM)],
    ...[pitch, yaw, pitch * pitch, yaw * yaw],
  ]);
  return Array.from({ length: VERTEX_COUNT }, (_, vertex) => {
    const heights = faces.map(
      ({ mesh, pose }) =>
        (planeStep(mesh, pose, OUTER_EYE_LEFT, vertex).y + planeStep(mesh, pose, OUTER_EYE_RIGHT, vertex).y) /
        2,
    );
    const solution = leastSquares(rows, heights);
    return { opening: solution[1] ?? 0, wide: solution[2] ?? 0 };
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
