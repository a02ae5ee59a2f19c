import { join } from 'node:path';
import PQueue from 'p-queue';
import * as v from 'valibot';
import type { Database } from '../../../db/connect';
import { type ComposeOptions, ComposeOptionsSchema } from '../../contract/compose.schema';
import type { Job } from '../../contract/job.schema';
import type { Events } from '../../events/events.types';
import type { JobContext, Jobs } from '../../jobs/jobs.types';
import { jobEnded, sceneGone } from '../../library/completions.errors';
import { insertComposition } from '../../library/compositions.repository';
import { composeTimeline, type Timeline } from '../../library/compositions.rules';
import { failedFit } from '../../library/fit-jobs.rules';
import type { Fitting } from '../../library/fitting.types';
import { compositionKey } from '../../library/media-keys.rules';
import {
  clipIsFitted,
  clipNotFitted,
  projectHasNoSong,
  scenesWithoutVideo,
} from '../../library/projects.errors';
import { requireProject } from '../../library/projects.lookup';
import { findSong, lockProject, touchProject } from '../../library/projects.repository';
import { listScenes } from '../../library/scenes.repository';
import { findTakes } from '../../library/takes.repository';
import type { MediaService } from '../../media/media.service.types';
import type { AppError } from '../../shared/errors';
import type { NewId } from '../../shared/ids';
import { requireProjectId } from '../../shared/job-subject';
import type { Storage } from '../../storage/storage.types';
import { defineJob } from '../../work/define-job';

/** A few at a time: more would only compete for one disk and one network. */
const PARALLEL_DOWNLOADS = 4;
/** How soon a run that waits for clips looks again. */
const FITTING_SECONDS = 1;
/** Among a scene's newest jobs is the fitting that a run waits for. */
const RECENT_JOBS = 20;

const TimelineSchema = v.object({
  songId: v.string(),
  scenes: v.array(v.object({ takeId: v.nullable(v.string()), frames: v.number() })),
  how: v.optional(ComposeOptionsSchema),
});

export const composeJob = defineJob({
  kind: 'compose',
  pool: 'compose',
  /** Null: clips were still being fitted to their scenes; what is composed is known when they are. */
  options: v.object({
    timeline: v.nullable(TimelineSchema),
    /** Jobs of an earlier version say nothing of it. */
    how: v.optional(ComposeOptionsSchema, {}),
  }),
  result: v.object({ compositionId: v.string() }),
  completions: {
    'compose.made': v.object({
      jobId: v.string(),
      projectId: v.string(),
      compositionId: v.string(),
      width: v.number(),
      height: v.number(),
      fps: v.number(),
      frames: v.number(),
      timeline: TimelineSchema,
    }),
  },
});

/** Joins the takes of a timeline with the song. */
export function createComposeJob(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'succeed' | 'record' | 'list'>;
  events: Pick<Events, 'publish'>;
  storage: Pick<Storage, 'download' | 'temporaryDirectory'>;
  media: Pick<MediaService, 'compose'>;
  fitting: Pick<Fitting, 'settle'>;
  deferJob: (error: AppError, delaySeconds: number) => Error;
}) {
  const { sql, newId, jobs, events, storage, media, fitting, deferJob } = deps;

  /** The timeline as soon as all clips fit their scenes; until then the run ends, to begin again. */
  async function whenFitted(job: Job, how: ComposeOptions): Promise<Timeline> {
    const projectId = requireProjectId(job);
    const found = await sql.begin(async (tx): Promise<Timeline | number[]> => {
      await lockProject(tx, projectId);
      const { song } = await requireProject(tx, projectId);
      if (song === null) throw projectHasNoSong();
      const waiting: number[] = [];
      for (const { id: sceneId, sequence } of await listScenes(tx, projectId)) {
        const failed = failedFit(await jobs.list({ sceneId, limit: RECENT_JOBS }, tx), job);
        if (failed !== null) throw clipNotFitted([sequence], failed);
        if ((await fitting.settle(tx, sceneId, 'now')) !== null) waiting.push(sequence);
      }
      if (waiting.length > 0) return waiting;
      const plan = composeTimeline(song.id, await listScenes(tx, projectId), how);
      if ('withoutClip' in plan) throw scenesWithoutVideo(plan.withoutClip);
      await jobs.record(job.id, { options: { timeline: plan.timeline, how } }, tx);
      return plan.timeline;
    });
    if (Array.isArray(found)) throw deferJob(clipIsFitted(found), FITTING_SECONDS);
    return found;
  }

  /** Fetches every take of the timeline once, however often it is shown. */
  async function fetchTakes(timeline: Timeline, directory: string, context: JobContext) {
    const takeIds = timeline.scenes.flatMap(({ takeId }) => (takeId === null ? [] : [takeId]));
    const takes = await findTakes(sql, [...new Set(takeIds)]);
    const byId = new Map(takes.map((take) => [take.id, take]));
    const path = (takeId: string) => join(directory, `${takeId}.mp4`);
    const queue = new PQueue({ concurrency: PARALLEL_DOWNLOADS });
    let fetched = 0;
    await queue.addAll(
      takes.map((take) => async () => {
        await storage.download(take.s3Key, path(take.id), { signal: context.signal, sha256: take.sha256 });
        fetched += 1;
        context.progress('fetching', (0.3 * fetched) / takes.length);
      }),
    );
    return timeline.scenes.map(({ takeId, frames }) => {
      if (takeId === null) return { path: null, frames };
      if (!byId.has(takeId)) throw sceneGone();
      return { path: path(takeId), frames };
    });
  }

  return composeJob.by({
    complete: {
      async 'compose.made'(tx, files, args) {
        const { jobId, compositionId, ...made } = args;
        const [file] = files;
        if (file === undefined) throw new Error('A composition without a file.');
        if (!(await lockProject(tx, made.projectId))) throw sceneGone();
        await insertComposition(tx, {
          ...made,
          id: compositionId,
          s3Key: file.key,
          bytes: file.bytes,
          sha256: file.sha256,
          jobId,
        });
        await touchProject(tx, made.projectId);
        if (!(await jobs.succeed(tx, jobId, { result: { compositionId } }))) throw jobEnded();
        await events.publish(tx, made.projectId, {
          type: 'project.changed',
          payload: { reason: 'project.composed' },
        });
      },
    },

    async run({ job, options, store }, context) {
      const { how } = options;
      const timeline = options.timeline ?? (await whenFitted(job, how));
      const project = await requireProject(sql, requireProjectId(job));
      const song = await findSong(sql, timeline.songId);
      if (song === null) throw sceneGone();
      const { width, height, fps } = project;
      await using directory = await storage.temporaryDirectory(job.id);
      const { signal } = context;
      const takes = await fetchTakes(timeline, directory.path, context);
      const master = join(directory.path, 'song.wav');
      const encoded = join(directory.path, 'song.m4a');
      await storage.download(song.masterKey, master, { signal, sha256: song.masterSha256 });
      await storage.download(song.encodedKey, encoded, { signal, sha256: song.encodedSha256 });
      const output = join(directory.path, 'final.mp4');
      const { frames } = await media.compose(
        {
          takes,
          song: { master, encoded },
          output,
          format: { width, height, fps },
          workDirectory: directory.path,
          ending: how.ending,
          fades: {
            inFrames: Math.round(how.fadeInSeconds * fps),
            outFrames: Math.round(how.fadeOutSeconds * fps),
          },
        },
        { signal, onProgress: (fraction) => context.progress('composing', 0.4 + 0.5 * fraction) },
      );
      context.progress('storing', 0.95);
      const compositionId = newId();
      await store({
        files: [{ path: output, key: compositionKey(project.id, compositionId), contentType: 'video/mp4' }],
        completion: 'compose.made',
        arguments: {
          jobId: job.id,
          projectId: project.id,
          compositionId,
          width,
          height,
          fps,
          frames,
          timeline: { songId: timeline.songId, scenes: timeline.scenes, how },
        },
      });
    },
  });
}
