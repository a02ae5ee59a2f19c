import { join } from 'node:path';
import * as v from 'valibot';
import type { Database } from '../../../db/connect';
import { defaultWindow, WindowSchema } from '../../contract/window.schema';
import type { Events } from '../../events/events.types';
import type { JobContext, Jobs } from '../../jobs/jobs.types';
import { jobEnded, sceneGone } from '../../library/completions.errors';
import { planFit, planUnsynced, type Render, renderedTake } from '../../library/fitting.rules';
import type { Fitting } from '../../library/fitting.types';
import { takeKey } from '../../library/media-keys.rules';
import { requireProject } from '../../library/projects.lookup';
import { lockProject } from '../../library/projects.repository';
import { findSceneById } from '../../library/scenes.repository';
import { fileColumns } from '../../library/stored-file.rules';
import { findTake, insertTake, listTakes } from '../../library/takes.repository';
import type { MediaService } from '../../media/media.service.types';
import type { NewId } from '../../shared/ids';
import { requireProjectId, requireSceneId } from '../../shared/job-subject';
import type { Storage } from '../../storage/storage.types';
import { defineJob } from '../../work/define-job';

export const fitJob = defineJob({
  kind: 'fit',
  pool: 'ffmpeg',
  options: v.object({
    /** Also makes the take without lip-sync that a new lip-sync of the scene starts from. */
    unsynced: v.optional(v.boolean(), false),
  }),
  /** Null: there was nothing to make any more. */
  result: v.object({ takeId: v.nullable(v.string()) }),
  completions: {
    'fit.made': v.object({
      jobId: v.string(),
      projectId: v.string(),
      sceneId: v.string(),
      takeId: v.string(),
      /** The original or the lip-sync that it was made from. */
      parentId: v.string(),
      /** The first frame of the lip-sync that is shown; null: it was made from the original. */
      first: v.nullable(v.number()),
      window: WindowSchema,
      slotFrames: v.number(),
    }),
  },
});

/**
 * Renders the take that fits a scene's slot and window. What is wanted is read when it begins; when that
 * has changed by its end, the take stays for the day that it is wanted again and the next one is made.
 */
export function createFitJob(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'succeed'>;
  events: Pick<Events, 'publish'>;
  storage: Pick<Storage, 'download' | 'temporaryDirectory'>;
  media: Pick<MediaService, 'makeTake'>;
  fitting: Pick<Fitting, 'settle'>;
}) {
  const { sql, newId, jobs, events, storage, media, fitting } = deps;

  /** What is to be rendered now; null: nothing any more. */
  async function nextRender(sceneId: string, projectId: string, unsynced: boolean): Promise<Render | null> {
    const project = await requireProject(sql, projectId);
    const scene = await findSceneById(sql, sceneId);
    // It is in the bin: what it wants is made when it comes back.
    if (scene === null) return null;
    const takes = await listTakes(sql, sceneId);
    const plan = planFit(scene, takes, project);
    if (plan.to === 'render') return plan.render;
    const before = unsynced ? planUnsynced(scene, takes, project) : plan;
    return before.to === 'render' ? before.render : null;
  }

  /** Ends a job that found nothing to make. */
  async function endWithout(job: { id: string; projectId: string; sceneId: string }): Promise<void> {
    await sql.begin(async (tx) => {
      await lockProject(tx, job.projectId);
      if (!(await jobs.succeed(tx, job.id, { result: { takeId: null } }))) throw jobEnded();
      await fitting.settle(tx, job.sceneId, 'now');
    });
  }

  async function renderTo(
    output: string,
    of: { render: Render; projectId: string; directory: string },
    context: JobContext,
  ): Promise<void> {
    const { render, directory } = of;
    const { width, height, fps } = await requireProject(sql, of.projectId);
    const { signal } = context;
    const step = {
      signal,
      onProgress: (fraction: number) => context.progress('trimming', 0.1 + 0.8 * fraction),
    };
    const format = { width, height, fps };
    const { slotFrames } = render.wanted;
    const input = join(directory, 'source');
    context.progress('fetching', 0);
    if (render.of === 'lipsync') {
      const { sync, first, framing } = render;
      await storage.download(sync.s3Key, input, { signal, sha256: sync.sha256 });
      if (framing === null) {
        const trim = { inFrame: first, outFrame: first + slotFrames };
        await media.makeTake({ input, output, format, trim }, step);
      } else {
        const window = { ...defaultWindow, inFrame: first, framing, frames: slotFrames };
        await media.makeTake({ input, output, format, window }, step);
      }
      return;
    }
    const { original, wanted } = render;
    await storage.download(original.sourceKey ?? original.s3Key, input, {
      signal,
      sha256: original.sourceSha256 ?? original.sha256,
    });
    const window = { ...wanted.window, frames: slotFrames };
    await media.makeTake({ input, output, format, window }, step);
  }

  return fitJob.by({
    complete: {
      async 'fit.made'(tx, files, made) {
        const { jobId, projectId, sceneId, takeId, parentId, first, window, slotFrames } = made;
        const [file] = files;
        if (file === undefined) throw new Error('A fitted take without a file.');
        if (!(await lockProject(tx, projectId))) throw sceneGone();
        const parent = await findTake(tx, parentId);
        if (parent === null) throw sceneGone();
        const wanted = { window, slotFrames };
        const { width, height, fps } = await requireProject(tx, projectId);
        await insertTake(
          tx,
          renderedTake(
            first === null
              ? { of: 'original', original: parent, wanted }
              : { of: 'lipsync', sync: parent, first, framing: null, wanted },
            fileColumns(file),
            { id: takeId, jobId, format: { width, height, fps } },
          ),
        );
        if (!(await jobs.succeed(tx, jobId, { result: { takeId } }))) throw jobEnded();
        await fitting.settle(tx, sceneId, 'now');
        await events.publish(tx, projectId, {
          type: 'project.changed',
          payload: { reason: 'clip.fitted' },
        });
      },
    },

    async run({ job, options, store }, context) {
      const [projectId, sceneId] = [requireProjectId(job), requireSceneId(job)];
      const render = await nextRender(sceneId, projectId, options.unsynced);
      if (render === null) {
        await endWithout({ id: job.id, projectId, sceneId });
        return;
      }
      await using directory = await storage.temporaryDirectory(job.id);
      const output = join(directory.path, 'take.mp4');
      await renderTo(output, { render, projectId, directory: directory.path }, context);
      context.progress('storing', 0.95);
      const takeId = newId();
      await store({
        files: [{ path: output, key: takeKey(projectId, sceneId, takeId), contentType: 'video/mp4' }],
        completion: 'fit.made',
        arguments: {
          jobId: job.id,
          projectId,
          sceneId,
          takeId,
          parentId: render.of === 'lipsync' ? render.sync.id : render.original.id,
          first: render.of === 'lipsync' ? render.first : null,
          ...render.wanted,
        },
      });
    },
  });
}
