import { runFfmpeg } from '../../../api/media/ffmpeg.runner';
import type { MediaTools } from '../../../api/media/media.types';
import type { FaceSquare } from './independent.detector';

const COLUMNS = 8;
const TILE = 200;

/** Writes eight moments of a clip as a picture, before over after, cut to the face. */
export async function writeContactSheet(
  tools: MediaTools,
  sheet: { before: string; after: string; frames: number; face: FaceSquare | null; outputPath: string },
): Promise<void> {
  const step = Math.max(1, Math.floor(sheet.frames / COLUMNS));
  const crop = sheet.face ? `${cropOf(sheet.face)},` : '';
  const row = (input: number, name: string): string =>
    `[${input}:v]select='not(mod(n-${Math.floor(step / 2)},${step}))',${crop}scale=${TILE}:-2:flags=lanczos,tile=${COLUMNS}x1[${name}]`;
  await runFfmpeg(tools, {
    step: 'Draw the contact sheet',
    timeLimitSeconds: 120,
    // prettier-ignore
    args: [
      '-i',
      sheet.before,
      '-i',
      sheet.after,
      '-filter_complex',
      `${row(0, 'before')};${row(1, 'after')};[before][after]vstack`,
      '-frames:v',
      '1',
      '-update',
      '1',
      sheet.outputPath,
    ],
  });
}

function cropOf(face: FaceSquare): string {
  const size = Math.round(face.size * 1.5);
  const left = Math.max(0, Math.round(face.x - size / 2));
  const top = Math.max(0, Math.round(face.y - size / 2));
  return `crop=min(${size}\\,iw-${left}):min(${size}\\,ih-${top}):${left}:${top}`;
}
