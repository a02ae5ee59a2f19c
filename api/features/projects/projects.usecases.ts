import type { Database, Queryable, Transaction } from '../../../db/connect';
import type { CreateProject, Project, ProjectCard, UpdateProject } from '../../contract/project.schema';
import type { Events } from '../../events/events.types';
import type { Jobs } from '../../jobs/jobs.types';
import { latestComposition, listCompositionKeys } from '../../library/compositions.repository';
import { isFitJob } from '../../library/fit-jobs.rules';
import { listImages } from '../../library/images.repository';
import { listCardFacts, presentCard } from '../../library/projects.cards';
import { formatInUse, projectBusy } from '../../library/projects.errors';
import { requireProject } from '../../library/projects.lookup';
import {
  deleteProject,
  hasVideoTakes,
  insertProject,
  listProjects,
  listSongKeys,
  lockProject,
  rescaleSlots,
  touchProject,
  updateProject,
} from '../../library/projects.repository';
import { type Presign, presentFinalVideo, presentProject } from '../../library/projects.view';
import { listLastErrors, listScenes } from '../../library/scenes.repository';
import { unsharedKeys } from '../../library/shared-objects.repository';
import { readSinging } from '../../library/singing.view';
import { listTakeKeys } from '../../library/takes.repository';
import { readTimelinePlace } from '../../library/timeline-revisions.repository';
import { listUploadKeys } from '../../library/uploads.repository';
import { listVideoKeys } from '../../library/videos.repository';
import { AppError } from '../../shared/errors';
import type { NewId } from '../../shared/ids';
import type { Storage } from '../../storage/storage.types';

/** More active jobs than a project can have: one a scene and one of each kind of its own. */
const ALL_ACTIVE_JOBS = 10_000;

export type ProjectUsecases = ReturnType<typeof createProjectUsecases>;

export function createProjectUsecases(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'list'>;
  events: Pick<Events, 'publish'>;
  storage: Pick<Storage, 'deleteLater'>;
  presign: Presign;
}) {
  const { sql, newId, jobs, events, storage, presign } = deps;

  const activeJobs = (projectId: string, on: Queryable = sql) =>
    jobs.list({ projectId, states: ['queued', 'running'], limit: ALL_ACTIVE_JOBS }, on);

  async function keysOf(tx: Queryable, projectId: string): Promise<string[]> {
    const keys = await Promise.all([
      listTakeKeys(tx, { projectId }),
      listSongKeys(tx, projectId),
      listCompositionKeys(tx, projectId),
      listVideoKeys(tx, projectId),
      listImages(tx, projectId).then((images) => images.map(({ s3Key }) => s3Key)),
      listUploadKeys(tx, { projectId }),
    ]);
    return keys.flat();
  }

  /** @throws AppError `ProjectNotFound` */
  async function read(projectId: string): Promise<Project> {
    const project = await requireProject(sql, projectId);
    const [scenes, active, lastErrors, composition, images, timeline] = await Promise.all([
      listScenes(sql, project.id),
      activeJobs(project.id),
      listLastErrors(sql, project.id),
      latestComposition(sql, project.id),
      listImages(sql, project.id),
      readTimelinePlace(sql, project.id),
    ]);
    return presentProject(project, {
      scenes,
      activeJobs: active,
      lastErrors,
      singingOf: await readSinging(sql, project, scenes),
      composition,
      images,
      timeline,
      presign,
    });
  }

  return {
    read,

    async create(input: CreateProject): Promise<Project> {
      const id = newId();
      const { format, ...fields } = input;
      await insertProject(sql, { id, ...fields, ...format });
      return read(id);
    },

    async list(query: {
      search: string;
      limit: number;
      offset: number;
    }): Promise<{ projects: ProjectCard[]; total: number }> {
      const { projects, total } = await listProjects(sql, query);
      const facts = await listCardFacts(sql, projects);
      const factsOf = new Map(facts.map((fact) => [fact.projectId, fact]));
      const cards = await Promise.all(
        projects.map((project) => {
          const own = factsOf.get(project.id);
          // Deleted between the two queries.
          return own === undefined ? null : presentCard(project, own, presign);
        }),
      );
      return { projects: cards.filter((card) => card !== null), total };
    },

    /** @throws AppError `ProjectNotFound`, `FormatInUse` once clips were made for the format */
    async update(projectId: string, change: UpdateProject): Promise<Project> {
      const project = await requireProject(sql, projectId);
      await sql.begin(async (tx: Transaction) => {
        await lockProject(tx, project.id);
        const { format } = change;
        const differs =
          format !== undefined &&
          (format.width !== project.width || format.height !== project.height || format.fps !== project.fps);
        if (differs) {
          // A song has no picture: its preparation doesn't hold the format.
          const making = (await activeJobs(project.id, tx)).filter(({ kind }) => kind !== 'upload_song');
          if ((await hasVideoTakes(tx, project.id)) || making.length > 0) {
            throw formatInUse();
          }
          await rescaleSlots(tx, project.id, { fromFps: project.fps, toFps: format.fps });
        }
        await updateProject(tx, project.id, change);
        await touchProject(tx, project.id);
        await events.publish(tx, project.id, {
          type: 'project.changed',
          payload: { reason: 'project.updated' },
        });
      });
      return read(project.id);
    },

    /**
     * Deletes a project with all its media; the objects in S3 go with the next sweep.
     * @throws AppError `ProjectNotFound`, `ProjectBusy` while jobs are active
     */
    async remove(projectId: string): Promise<void> {
      const project = await requireProject(sql, projectId);
      await sql.begin(async (tx) => {
        await lockProject(tx, project.id);
        const active = (await activeJobs(project.id, tx)).filter((job) => !isFitJob(job));
        if (active.length > 0) throw projectBusy(active.map((job) => job.id));
        const keys = await unsharedKeys(tx, await keysOf(tx, project.id), { projectId: project.id });
        await storage.deleteLater(tx, keys, `project ${project.id} deleted`);
        await deleteProject(tx, project.id);
        await events.publish(tx, project.id, { type: 'project.deleted', payload: {} });
      });
    },

    /** @throws AppError `ProjectNotFound`, `NoFinalVideo` */
    async finalVideo(projectId: string) {
      const project = await requireProject(sql, projectId);
      const composition = await latestComposition(sql, project.id);
      if (composition === null) {
        throw new AppError({
          code: 'NoFinalVideo',
          message: 'This project hasn’t been composed yet. Start it with POST /api/mv/projects/{id}/compose.',
        });
      }
      return presentFinalVideo(composition, project, await listScenes(sql, project.id), presign);
    },
  };
}
