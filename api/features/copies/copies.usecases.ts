import type { Database, Transaction } from '../../../db/connect';
import type { DuplicateProject, Project } from '../../contract/project.schema';
import type { Scene } from '../../contract/scene.schema';
import { defaultWindow } from '../../contract/window.schema';
import type { Events } from '../../events/events.types';
import {
  type CopyPlan,
  copyImages,
  copyProject,
  copyScenes,
  copySongs,
  copyTakes,
  listSongIds,
  listTakeIds,
} from '../../library/copies.repository';
import type { Fitting } from '../../library/fitting.types';
import { requireProject, requireScene, requireSceneCapacity } from '../../library/projects.lookup';
import { findProject, lockProject, touchProject, updateProject } from '../../library/projects.repository';
import { listScenes, makeRoom, pointScene } from '../../library/scenes.repository';
import { lockSharedObjects } from '../../library/shared-objects.repository';
import { copySinging, findFaces } from '../../library/singing.repository';
import { faceMiddleIn } from '../../library/singing.rules';
import { fileFrames, keptWindowOf, windowOf } from '../../library/window.rules';
import type { NewId } from '../../shared/ids';
import { cutText } from '../../shared/text';

/** As long as a title may be. */
const MAX_TITLE = 200;

export type CopyUsecases = ReturnType<typeof createCopyUsecases>;

/** Copies of scenes and projects. Rows are copied, objects in S3 are shared and go with the last copy. */
export function createCopyUsecases(deps: {
  sql: Database;
  newId: NewId;
  events: Pick<Events, 'publish'>;
  callerName: () => string | null;
  readProject: (projectId: string) => Promise<Project>;
  readScene: (projectId: string, sceneId: string) => Promise<Scene>;
  fitting: Pick<Fitting, 'settle'>;
}) {
  const { sql, newId, events, fitting } = deps;

  const newIds = (ids: string[]) => new Map(ids.map((id) => [id, newId()]));

  async function planOf(
    tx: Transaction,
    copy: { fromProjectId: string; toProjectId: string; sceneIds: string[]; songIds: string[] },
  ): Promise<CopyPlan> {
    const { sceneIds, songIds, ...projects } = copy;
    return {
      ...projects,
      scenes: newIds(sceneIds),
      takes: newIds(await listTakeIds(tx, sceneIds)),
      songs: newIds(songIds),
    };
  }

  /** Gives a copied project another frame: each clip fills it, with the face in it. */
  async function reframe(
    tx: Transaction,
    projectId: string,
    size: NonNullable<DuplicateProject['size']>,
  ): Promise<void> {
    const project = await findProject(tx, projectId);
    if (project === null || (project.width === size.width && project.height === size.height)) return;
    await updateProject(tx, projectId, { format: { fps: project.fps, ...size } });
    const scenes = await listScenes(tx, projectId);
    const originals = scenes.flatMap(({ originalTake }) => (originalTake === null ? [] : [originalTake.id]));
    const faces = await findFaces(tx, originals);
    for (const scene of scenes) {
      const { originalTake: original, slotFrames } = scene;
      if (original === null || slotFrames === null) continue;
      const shown = fileFrames(windowOf(scene), slotFrames, original);
      const face = faceMiddleIn(faces.get(original.id) ?? null, shown);
      const framing = { ...defaultWindow.framing, x: face?.x ?? null, y: face?.y ?? null };
      await pointScene(tx, scene.id, { window: { ...keptWindowOf(scene), framing } });
      await fitting.settle(tx, scene.id, 'now');
    }
  }

  return {
    /**
     * A project of its own with the same song, scenes and all of their versions. Its video has to be
     * composed anew, and work in progress stays with the original. In a frame of another size all clips fill it,
     * around the face of the part that is shown.
     * @throws AppError `ProjectNotFound`
     */
    async project(projectId: string, { title, size }: DuplicateProject): Promise<Project> {
      const project = await requireProject(sql, projectId);
      const id = newId();
      await sql.begin(async (tx) => {
        await lockProject(tx, project.id);
        await lockSharedObjects(tx);
        const scenes = await listScenes(tx, project.id);
        const plan = await planOf(tx, {
          fromProjectId: project.id,
          toProjectId: id,
          sceneIds: scenes.map((scene) => scene.id),
          songIds: await listSongIds(tx, project.id),
        });
        const copyTitle = title ?? `${cutText(project.title, MAX_TITLE - 7)} (copy)`;
        await copyProject(tx, { fromProjectId: project.id, toProjectId: id, title: copyTitle });
        await copySongs(tx, plan);
        await copyImages(tx, plan, newId);
        await copyScenes(tx, plan, null);
        await copyTakes(tx, plan);
        await copySinging(tx, plan);
        if (size !== undefined) await reframe(tx, id, size);
      });
      return deps.readProject(id);
    },

    /**
     * A copy of a scene with all of its versions, right after it. A lip-sync in it is stale, as it stands
     * elsewhere in the song. @throws AppError `ProjectNotFound`, `SceneNotFound`,
     * `TooManyScenes`
     */
    async scene(projectId: string, sequence: string): Promise<Scene> {
      const project = await requireProject(sql, projectId);
      const copies: string[] = [];
      await sql.begin(async (tx) => {
        await lockProject(tx, project.id);
        const { scene, scenes } = await requireScene(tx, project, sequence);
        requireSceneCapacity(scenes.length);
        await lockSharedObjects(tx);
        const plan = await planOf(tx, {
          fromProjectId: project.id,
          toProjectId: project.id,
          sceneIds: [scene.id],
          songIds: [],
        });
        await makeRoom(tx, project.id, scene.sequence + 1);
        await copyScenes(tx, plan, scene.sequence + 1);
        await copyTakes(tx, plan);
        await copySinging(tx, plan);
        await touchProject(tx, project.id, { caller: deps.callerName() });
        await events.publish(tx, project.id, {
          type: 'project.changed',
          payload: { reason: 'scene.duplicated' },
        });
        copies.push(...plan.scenes.values());
      });
      return deps.readScene(project.id, copies[0] ?? '');
    },
  };
}
