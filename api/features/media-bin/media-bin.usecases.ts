import type { Database, Transaction } from '../../../db/connect';
import type { Media } from '../../contract/media.schema';
import type { Project } from '../../contract/project.schema';
import type { Events } from '../../events/events.types';
import type { Jobs } from '../../jobs/jobs.types';
import { copyTakes } from '../../library/copies.repository';
import { isFitJob } from '../../library/fit-jobs.rules';
import { asNewClip } from '../../library/fitting.rules';
import type { Fitting } from '../../library/fitting.types';
import {
  deleteMediaTakes,
  listMedia,
  listShowing,
  type MediaGroup,
} from '../../library/project-media.repository';
import { sceneBusy } from '../../library/projects.errors';
import { requireProject, requireSceneById } from '../../library/projects.lookup';
import { lockProject, touchProject } from '../../library/projects.repository';
import type { ProjectRow } from '../../library/projects.rules';
import { type Presign, presentTake } from '../../library/projects.view';
import { pointScene } from '../../library/scenes.repository';
import type { SceneRow } from '../../library/scenes.rules';
import { lockSharedObjects } from '../../library/shared-objects.repository';
import { findTakes } from '../../library/takes.repository';
import type { TakeRow } from '../../library/takes.rules';
import type { NewId } from '../../shared/ids';
import { mediaInUse, mediaNotFound, otherKindOfMedia } from './media-bin.errors';

export type MediaBinUsecases = ReturnType<typeof createMediaBinUsecases>;

/** A project's clips and images, each once, and the use of one in many scenes. */
export function createMediaBinUsecases(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'list'>;
  events: Pick<Events, 'publish'>;
  fitting: Pick<Fitting, 'settle'>;
  presign: Presign;
  readProject: (projectId: string) => Promise<Project>;
}) {
  const { sql, newId, jobs, events, fitting, presign } = deps;

  async function requireMedia(
    tx: Transaction,
    project: ProjectRow,
    mediaId: string,
  ): Promise<{ group: MediaGroup; takes: TakeRow[] }> {
    const group = (await listMedia(tx, project.id)).find(({ id }) => id === mediaId);
    if (group === undefined) throw mediaNotFound(mediaId);
    const takes = await findTakes(tx, group.takeIds);
    if (takes.length === 0) throw mediaNotFound(mediaId);
    return { group, takes };
  }

  /** Shows media in a scene: the version of it that the scene has, or a copy that shares its objects. */
  async function show(
    tx: Transaction,
    project: ProjectRow,
    scene: SceneRow,
    { group, takes }: { group: MediaGroup; takes: TakeRow[] },
  ): Promise<void> {
    const found = await jobs.list({ sceneId: scene.id, states: ['queued', 'running'], limit: 2 }, tx);
    const active = found.find((job) => !isFitJob(job));
    if (active !== undefined) throw sceneBusy(scene.sequence, active.id);
    const own = takes.find((take) => take.sceneId === scene.id);
    const [first] = takes;
    if (first === undefined) throw mediaNotFound(group.id);
    const takeId = own?.id ?? newId();
    if (own === undefined) {
      await copyTakes(tx, {
        fromProjectId: project.id,
        toProjectId: project.id,
        scenes: new Map([[first.sceneId, scene.id]]),
        takes: new Map([[first.id, takeId]]),
        songs: new Map(),
      });
    }
    const take = { ...first, id: takeId };
    await pointScene(tx, scene.id, group.kind === 'image' ? { imageTakeId: takeId } : asNewClip(scene, take));
    await fitting.settle(tx, scene.id, 'now');
  }

  /** Changes scenes of a project alone, in one step, and tells the page. */
  async function change(
    projectId: string,
    reason: string,
    work: (tx: Transaction, project: ProjectRow) => Promise<void>,
  ): Promise<Project> {
    const project = await requireProject(sql, projectId);
    await sql.begin(async (tx) => {
      await lockProject(tx, project.id);
      // Rows are copied here: no object may be deleted meanwhile that a copy shares.
      await lockSharedObjects(tx);
      await work(tx, project);
      await touchProject(tx, project.id);
      await events.publish(tx, project.id, { type: 'project.changed', payload: { reason } });
    });
    return deps.readProject(project.id);
  }

  return {
    /** Every clip and image of the project, once each, with its uses. @throws AppError `ProjectNotFound` */
    async list(projectId: string): Promise<Media[]> {
      const project = await requireProject(sql, projectId);
      const groups = await listMedia(sql, project.id);
      const takes = await findTakes(
        sql,
        groups.flatMap((group) => group.takeIds),
      );
      const byId = new Map(takes.map((take) => [take.id, take]));
      const listed = await Promise.all(
        groups.map(async (group): Promise<Media | null> => {
          const own = group.takeIds.map((id) => byId.get(id)).filter((take) => take !== undefined);
          const [first] = own;
          // Deleted between the two queries.
          if (first === undefined) return null;
          // Pictures are made after a take; any of its copies may have them first.
          const shown = own.find((take) => take.posterKey !== null) ?? first;
          return {
            id: group.id,
            kind: group.kind,
            name: own.find((take) => take.sourceName !== null)?.sourceName ?? null,
            take: await presentTake(shown, project.fps, presign),
            uses: group.uses,
            createdAt: first.createdAt.toISOString(),
          };
        }),
      );
      return listed.filter((media) => media !== null);
    },

    /**
     * Makes media the clip or image of scenes, all or none of them. Their other versions stay.
     * @throws AppError `ProjectNotFound`, `MediaNotFound`, `SceneNotFound`, `SceneBusy`
     */
    use(projectId: string, mediaId: string, sceneIds: readonly string[]): Promise<Project> {
      return change(projectId, 'media.used', async (tx, project) => {
        const media = await requireMedia(tx, project, mediaId);
        for (const sceneId of new Set(sceneIds)) {
          await show(tx, project, await requireSceneById(tx, project, sceneId), media);
        }
      });
    },

    /**
     * Takes media that no scene shows off the project. They stay in its bin for 30 days, and their files as long
     * as a deleted scene or a step of the history needs them.
     * @throws AppError `ProjectNotFound`, `MediaNotFound`, `MediaInUse`
     */
    async remove(projectId: string, mediaId: string): Promise<void> {
      await change(projectId, 'media.deleted', async (tx, project) => {
        const { group } = await requireMedia(tx, project, mediaId);
        const showing = await listShowing(tx, group.takeIds);
        if (showing.length > 0) throw mediaInUse(showing);
        await deleteMediaTakes(tx, group.takeIds);
      });
    },

    /**
     * Puts other media in the place of some, in every scene that uses it.
     * @throws AppError `ProjectNotFound`, `MediaNotFound`, `OtherKindOfMedia`, `SceneBusy`
     */
    replace(projectId: string, mediaId: string, otherId: string): Promise<Project> {
      return change(projectId, 'media.replaced', async (tx, project) => {
        const { group } = await requireMedia(tx, project, mediaId);
        const other = await requireMedia(tx, project, otherId);
        if (other.group.kind !== group.kind) throw otherKindOfMedia();
        if (otherId === mediaId) return;
        for (const { sceneId } of group.uses) {
          await show(tx, project, await requireSceneById(tx, project, sceneId), other);
        }
      });
    },
  };
}
