import { join } from 'node:path';
import { localCaller } from '../../api/http/caller.rules';
import type { Studio } from '../../api/main';
import { readMezzanine } from '../../api/media/mezzanine';
import { probeMedia } from '../../api/media/probe';
import { AppError } from '../../api/shared/errors';
import { mediaFilesLeft } from '../../api/storage/media-files';
import type { StepReporter } from './step-reporter';

const wrong = (message: string) => new AppError({ code: 'DemoOutcome', message });

/** Every object that the database says is in S3, with its hash. */
async function storedObjects(studio: Studio, projectId: string): Promise<{ key: string; sha256: string }[]> {
  return studio.services.sql<{ key: string; sha256: string }[]>`
    select s3_key as key, sha256 from takes where project_id = ${projectId}
    union all
    select source_key, source_sha256 from takes where project_id = ${projectId} and source_key is not null
    union all
    select sound_key, sound_sha256 from takes where project_id = ${projectId} and sound_key is not null
    union all
    select s3_key, sha256 from compositions where project_id = ${projectId}
    union all
    select unnest(array[source_key, master_key, encoded_key]),
      unnest(array[source_sha256, master_sha256, encoded_sha256])
    from songs where project_id = ${projectId}`;
}

async function sha256Of(studio: Studio, key: string): Promise<string> {
  const hash = new Bun.CryptoHasher('sha256');
  const object = await studio.services.storage.read(key);
  for await (const chunk of object.body) hash.update(chunk);
  return hash.digest('hex');
}

/** Checks what a user relies on: nothing lost, nothing left, every frame there. */
export async function checkOutcome(studio: Studio, projectId: string, reporter: StepReporter): Promise<void> {
  const { services } = studio;
  await reporter.step(
    'Check that every take and the final are in S3, byte for byte',
    async () => {
      const objects = await storedObjects(studio, projectId);
      for (const { key, sha256 } of objects) {
        if ((await sha256Of(studio, key)) !== sha256)
          throw wrong(`${key} in S3 differs from what was stored.`);
      }
      return objects.length;
    },
    (count) => `${count} objects`,
  );
  await reporter.step('Check that no local media is left', async () => {
    const left = await mediaFilesLeft(services.config.mediaRoot);
    if (left.length > 0) throw wrong(`These local files were left: ${left.join(', ')}`);
  });
  await reporter.step(
    'Check the final video: frames of the picture, length of the sound',
    async () => {
      const project = await services.callers.run(localCaller, () => services.projects.read(projectId));
      const { finalVideo, frames, format } = project;
      if (finalVideo === null || frames === null) throw wrong('There is no final video.');
      await using directory = await services.storage.temporaryDirectory(projectId);
      const path = join(directory.path, 'final.mp4');
      await services.storage.download(finalVideo.s3Key, path, { sha256: finalVideo.sha256 });
      const counted = await readMezzanine(path, format);
      const info = await probeMedia(services.mediaTools, path);
      const found = counted?.frames ?? info.video?.frames;
      if (found !== frames) throw wrong(`The final video has ${found} frames, the scenes have ${frames}.`);
      const soundSeconds = info.audio?.duration ?? 0;
      // AAC comes in frames of 1024 samples: 21 ms at 48 kHz.
      if (Math.abs(soundSeconds - frames / format.fps) > 0.05) {
        throw wrong(`The final video is ${frames / format.fps} s long, its sound ${soundSeconds} s.`);
      }
      return { frames, fps: format.fps };
    },
    (final) => `${final.frames} frames, ${(final.frames / final.fps).toFixed(2)} s`,
  );
}
