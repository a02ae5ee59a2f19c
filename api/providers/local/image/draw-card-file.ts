import { rename, writeFile } from 'node:fs/promises';
import { type Image, loadImage } from '@napi-rs/canvas';
import type { JobStage } from '../../../contract/job.schema';
import { errorMessage } from '../../../shared/errors';
import { unfitRequest } from '../../provider.errors';
import { drawCard } from './card';
import { createFonts } from './fonts';
import type { CardJob } from './local-image.messages';

/** JPEG: grain makes a PNG ten times as large, and at 93 of 100 no difference is seen. */
const QUALITY = 93;

/**
 * Draws a card into a JPEG file, which appears only when it is whole.
 * @throws AppError 422 `ProviderCannotDoThis` for a reference picture that can't be read
 */
export async function drawCardFile(
  job: CardJob,
  tools: { signal: AbortSignal; progress: (stage: JobStage, fraction: number) => void },
): Promise<{ width: number; height: number }> {
  tools.progress('drawing', 0);
  const cast = await Promise.all(job.cast.map(readPortrait));
  tools.signal.throwIfAborted();
  const canvas = drawCard({ ...job, cast }, createFonts(), (share) => tools.progress('drawing', share * 0.8));
  const bytes = await canvas.encode('jpeg', QUALITY);
  tools.signal.throwIfAborted();
  const part = `${job.outputPath}.part`;
  await writeFile(part, bytes);
  await rename(part, job.outputPath);
  tools.progress('drawing', 1);
  return { width: job.width, height: job.height };
}

async function readPortrait(path: string): Promise<Image> {
  try {
    return await loadImage(path);
  } catch (error) {
    throw unfitRequest(
      'local',
      `A reference picture can't be read (${errorMessage(error)}).`,
      'Upload it again as PNG, JPEG or WebP, or leave it out.',
    );
  }
}
