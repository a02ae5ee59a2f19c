import { copyFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import type { Database } from '../../../db/connect';
import type { Format } from '../../contract/format.schema';
import type { Project } from '../../contract/project.schema';
import type { Events } from '../../events/events.types';
import type { Jobs } from '../../jobs/jobs.types';
import { jobEnded } from '../../library/completions.errors';
import type { ReceivedFile } from '../../library/received-file.rules';
import type { MakeSampleMaterial } from '../../sample/sample-material';
import { AppError } from '../../shared/errors';
import type { NewId } from '../../shared/ids';
import { requireProjectId } from '../../shared/job-subject';
import { defineJob } from '../../work/define-job';

export const sampleFormat: Format = { width: 1280, height: 720, fps: 25 };

type HandedIn = { received: ReceivedFile; signal: AbortSignal };

export const sampleJob = defineJob({
  kind: 'make_sample',
  pool: 'ffmpeg',
  // It takes a minute in the background of a first start, and goes on where it stopped.
  stopsAtOnce: true,
  options: v.object({}),
  result: v.object({}),
  // Its files are uploads, each with a job of its own.
  completions: {},
});

/** Makes the material and hands it in like anybody's uploads. Goes on where an earlier run stopped. */
export function createSampleJob(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'succeed'>;
  events: Pick<Events, 'publish'>;
  projects: { read(projectId: string): Promise<Project> };
  /** They take what lies in `uploadsDirectory`. */
  uploads: {
    song(projectId: string, file: HandedIn): Promise<unknown>;
    clip(projectId: string, scene: { sceneId: string }, file: HandedIn): Promise<unknown>;
  };
  uploadsDirectory: string;
  /** Null in a program that has no material to make a sample of. */
  makeMaterial: MakeSampleMaterial | null;
}) {
  const { sql, jobs, projects, uploads } = deps;

  /** A copy of a file where uploads are received, as if it had been sent. */
  async function receive(path: string): Promise<ReceivedFile> {
    const copy = join(deps.uploadsDirectory, deps.newId());
    await copyFile(path, copy);
    const hash = new Bun.CryptoHasher('sha256');
    for await (const chunk of Bun.file(copy).stream()) hash.update(chunk);
    return {
      path: copy,
      fileName: basename(path),
      bytes: (await stat(copy)).size,
      sha256: hash.digest('hex'),
    };
  }

  return sampleJob.by({
    complete: {},
    async run({ job }, context) {
      if (deps.makeMaterial === null) throw noSample();
      const { signal } = context;
      context.progress('painting', 0.05);
      const material = await deps.makeMaterial({ format: sampleFormat, signal });
      const project = await projects.read(requireProjectId(job));
      const handIn: (() => Promise<unknown>)[] = [];
      if (project.song === null && !project.activeJobs.some(({ kind }) => kind === 'upload_song')) {
        handIn.push(async () => uploads.song(project.id, { received: await receive(material.song), signal }));
      }
      for (const [index, clip] of material.clips.entries()) {
        const scene = project.scenes[index];
        if (scene === undefined || scene.currentTake !== null || scene.activeJob !== null) continue;
        handIn.push(async () =>
          uploads.clip(project.id, { sceneId: scene.id }, { received: await receive(clip), signal }),
        );
      }
      for (const [index, work] of handIn.entries()) {
        signal.throwIfAborted();
        context.progress('storing', 0.8 + (0.2 * index) / handIn.length);
        await work();
      }
      await sql.begin(async (tx) => {
        if (!(await jobs.succeed(tx, job.id, { result: {} }))) throw jobEnded();
        await deps.events.publish(tx, project.id, {
          type: 'project.changed',
          payload: { reason: 'sample.made' },
        });
      });
    },
  });
}

export const noSample = () =>
  new AppError({
    code: 'NoSample',
    message: 'This studio was started without the sample’s material. Start it with "bun run start".',
  });
