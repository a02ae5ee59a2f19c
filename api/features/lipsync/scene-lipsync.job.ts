import { join } from 'node:path';
import * as v from 'valibot';
import type { Database } from '../../../db/connect';
import type { Events } from '../../events/events.types';
import type { Jobs } from '../../jobs/jobs.types';
import { sceneGone } from '../../library/completions.errors';
import { takeKey } from '../../library/media-keys.rules';
import { requireProject } from '../../library/projects.lookup';
import { findSong } from '../../library/projects.repository';
import { fileColumns } from '../../library/stored-file.rules';
import { addTake } from '../../library/takes.completion';
import { findOriginal, findTake } from '../../library/takes.repository';
import { newTake, ofParent } from '../../library/takes.rules';
import type { MediaService } from '../../media/media.service.types';
import { type RunLipsync, runFiles } from '../../provider-work/lipsync-run.usecases';
import type { ProviderCallUsecases } from '../../provider-work/provider-calls.usecases';
import { madeByOf, RunFactsSchema, UnendedCallSchema } from '../../provider-work/run-facts.rules';
import { frameToSample } from '../../shared/frames';
import type { NewId } from '../../shared/ids';
import { requireProjectId } from '../../shared/job-subject';
import type { Storage } from '../../storage/storage.types';
import { defineJob } from '../../work/define-job';
import { poolByProvider } from '../../work/pools';
import { SceneLipsyncJobSchema } from './lipsync.rules';

export const sceneLipsyncJob = defineJob({
  kind: 'lipsync',
  pool: poolByProvider('lipsync'),
  options: SceneLipsyncJobSchema,
  result: v.object({ takeId: v.string(), ...RunFactsSchema.entries }),
  completions: {
    'lipsync.scene.made': v.object({
      jobId: v.string(),
      projectId: v.string(),
      sceneId: v.string(),
      takeId: v.string(),
      job: SceneLipsyncJobSchema,
      facts: RunFactsSchema,
      unended: UnendedCallSchema,
    }),
  },
});

/** Lets a provider move the mouth of a scene's clip, and makes the result the scene's current take. */
export function createSceneLipsyncJob(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'succeed'>;
  events: Pick<Events, 'publish'>;
  storage: Pick<Storage, 'download' | 'temporaryDirectory'>;
  media: Pick<MediaService, 'cutSlice'>;
  calls: Pick<ProviderCallUsecases, 'end'>;
  runLipsync: RunLipsync;
}) {
  const { sql, newId, jobs, events, storage, media } = deps;

  return sceneLipsyncJob.by({
    complete: {
      async 'lipsync.scene.made'(tx, files, args) {
        const { jobId, projectId, sceneId, takeId, job, facts, unended } = args;
        const [file] = files;
        if (file === undefined) throw new Error('A lip-sync without a file.');
        await addTake(tx, {
          projectId,
          sceneId,
          async takes() {
            const parent = await findTake(tx, job.parentTakeId);
            // Another original may have been chosen meanwhile; the newest take decides which one is cut.
            const original = parent === null ? null : await findOriginal(tx, parent);
            if (parent === null || original === null) throw sceneGone();
            const take = newTake({
              ...ofParent(parent),
              ...fileColumns(file),
              id: takeId,
              kind: 'lipsynced',
              songId: job.songId,
              audioStart: job.startFrame,
              audioEnd: job.endFrame,
              madeBy: madeByOf(facts, job.lipsync),
              costUsd: facts.costUsd,
              jobId,
            });
            return [{ take, pointers: { currentTakeId: takeId, originalTakeId: original.id } }];
          },
          async succeed() {
            if (unended !== null) await deps.calls.end(tx, jobId, unended.callId, unended.end);
            return jobs.succeed(tx, jobId, { result: { takeId, ...facts } });
          },
          publish: events.publish,
          reason: 'scene.lipsynced',
        });
      },
    },

    async run({ job, options: asked, store }, context) {
      const project = await requireProject(sql, requireProjectId(job));
      const [parent, song] = await Promise.all([
        findTake(sql, asked.parentTakeId),
        findSong(sql, asked.songId),
      ]);
      if (parent === null || parent.frames === null || song === null) throw sceneGone();
      const format = { width: project.width, height: project.height, fps: project.fps };
      await using directory = await storage.temporaryDirectory(job.id);
      const inDirectory = (name: string) => join(directory.path, name);
      const { signal } = context;
      context.progress('fetching', 0);
      await storage.download(parent.s3Key, inDirectory(runFiles.clip), { signal, sha256: parent.sha256 });
      await storage.download(song.masterKey, inDirectory('song.wav'), {
        signal,
        sha256: song.masterSha256,
      });
      await media.cutSlice({
        master: inDirectory('song.wav'),
        output: inDirectory(runFiles.slice),
        startSample: frameToSample(asked.startFrame, project.fps, song.sampleRate),
        endSample: Math.min(song.samples, frameToSample(asked.endFrame, project.fps, song.sampleRate)),
      });
      const { facts, unended } = await deps.runLipsync(
        {
          job,
          directory: directory.path,
          format,
          frames: parent.frames,
          options: asked.lipsync,
          progress: { from: 0.05, to: 0.92 },
        },
        context,
      );
      context.progress('storing', 0.96);
      const takeId = newId();
      const { projectId, sceneId } = parent;
      await store({
        files: [
          {
            path: inDirectory(runFiles.take),
            key: takeKey(projectId, sceneId, takeId),
            contentType: 'video/mp4',
          },
        ],
        completion: 'lipsync.scene.made',
        arguments: {
          jobId: job.id,
          projectId,
          sceneId,
          takeId,
          job: asked,
          facts,
          unended,
        },
      });
    },
  });
}
