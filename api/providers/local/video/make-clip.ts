import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { seeded } from '../../../drawing/paint';
import type { JobTools } from '../../process/process.serve';
import { drawCardFile } from '../image/draw-card-file';
import { hashText } from '../image/scene.reading.rules';
import { startEncoder } from '../lipsync/pictures/frame.encoder';
import { planCamera } from './camera.path.rules';
import { createFilmGrain } from './film.grain';
import { createFrameSampler } from './frame.sampler';
import type { ClipJob } from './local-video.messages';
import { readSheet } from './sheet.reader';

/**
 * Brings a picture to life: a camera moves over it for exactly `frames` frames. The file appears only
 * when it is whole. @throws AppError 422 for a picture that can't be read, `EncodingFailed`
 */
export async function makeClip(job: ClipJob, tools: JobTools): Promise<Record<string, unknown>> {
  const { signal, progress } = tools;
  const { width, height, fps, frames } = job;
  const seed = (hashText(job.prompt) ^ Math.imul((job.seed ?? 0) + 1, 0x9e3779b1)) >>> 0;
  const plan = planCamera(job.prompt, { width, height, fps, frames }, seeded(seed));
  const picture = await pictureOf(job, plan.sheet, tools);
  const sheet = await readSheet(job.ffmpegPath, picture.path, plan.sheet, signal);
  const sampler = createFrameSampler(sheet, { width, height });
  const grain = plan.grain ? createFilmGrain(seed) : null;
  // In the job's own folder, which its caller removes whatever happens.
  const part = join(job.workDirectory, 'moved.mp4.part');
  const encoder = startEncoder(job.ffmpegPath, {
    width,
    height,
    fps,
    frames,
    audioPath: null,
    outputPath: part,
    videoArguments: job.videoArguments,
  });
  try {
    for (let index = 0; index < frames; index++) {
      signal.throwIfAborted();
      const frame = sampler.sample(plan.pose(index));
      grain?.(frame.y, width, height);
      await encoder.write(frame);
      progress('moving', (index + 1) / frames);
    }
    await encoder.finish();
    await rename(part, job.outputPath);
  } finally {
    await encoder.abandon();
  }
  return { move: plan.move, frames, grain: plan.grain, draft: picture.isDraft };
}

/**
 * The picture that the camera moves over: the given one; for a card, its picture without the type; without
 * an image, one drawn from the words.
 */
async function pictureOf(
  job: ClipJob,
  size: { width: number; height: number },
  tools: JobTools,
): Promise<{ path: string; isDraft: boolean }> {
  if (job.imagePath !== null && job.imageCard === null) return { path: job.imagePath, isDraft: false };
  const { prompt, negativePrompt, seed } = job.imageCard ?? job;
  const path = join(job.workDirectory, 'picture.jpg');
  await drawCardFile(
    {
      prompt,
      negativePrompt,
      seed,
      outputPath: path,
      title: '',
      sequence: null,
      cast: [],
      plain: true,
      ...size,
    },
    tools,
  );
  return { path, isDraft: true };
}
