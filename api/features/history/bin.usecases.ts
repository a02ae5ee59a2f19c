import type { Database } from '../../../db/connect';
import type { Bin } from '../../contract/history.schema';
import type { Project } from '../../contract/project.schema';
import type { TimelineChange } from '../../contract/timeline-change.schema';
import type { Events } from '../../events/events.types';
import {
  deleteBinnedScene,
  deleteReplacedSong,
  findBinned,
  findExpired,
  listBinnedScenes,
  listBinnedSongs,
  unbinScene,
} from '../../library/bin.repository';
import type { Fitting } from '../../library/fitting.types';
import {
  dropTakes,
  findExpiredTakes,
  listDeletedMedia,
  restoreMediaTakes,
} from '../../library/project-media.repository';
import { isId, requireProject, requireSceneCapacity } from '../../library/projects.lookup';
import { chooseSong, lockProject, touchProject } from '../../library/projects.repository';
import type { Presign } from '../../library/projects.view';
import { listScenes, makeRoom } from '../../library/scenes.repository';
import { lockSharedObjects, unsharedKeys } from '../../library/shared-objects.repository';
import { findTakes, listTakeKeys } from '../../library/takes.repository';
import { dropOldRevisions, dropRevisionsWith } from '../../library/timeline-revisions.repository';
import { listUploadKeys } from '../../library/uploads.repository';
import type { Clock } from '../../shared/clock';
import { framesToSeconds } from '../../shared/frames';
import type { Storage } from '../../storage/storage.types';
import { notInBin } from './history.errors';

/** How long deleted scenes, replaced songs and steps of the history stay. */
export const KEPT_MS = 30 * 24 * 60 * 60 * 1000;

export type BinUsecases = ReturnType<typeof createBinUsecases>;

/** What was deleted of a project and can still be put back. */
export function createBinUsecases(deps: {
  sql: Database;
  clock: Clock;
  events: Pick<Events, 'publish'>;
  callerName: () => string | null;
  fitting: Pick<Fitting, 'settle'>;
  storage: Pick<Storage, 'deleteLater'>;
  presign: Presign;
  readProject: (projectId: string) => Promise<Project>;
}) {
  const { sql, clock, events, fitting, storage, presign } = deps;

  const keptSince = () => new Date(clock.now().getTime() - KEPT_MS);
  const kept = (deletedAt: Date) => ({
    deletedAt: deletedAt.toISOString(),
    keptUntil: new Date(deletedAt.getTime() + KEPT_MS).toISOString(),
  });

  return {
    /** @throws AppError `ProjectNotFound` */
    async list(projectId: string): Promise<Bin> {
      const project = await requireProject(sql, projectId);
      const [scenes, songs, media] = await Promise.all([
        listBinnedScenes(sql, project.id),
        listBinnedSongs(sql, project.id, keptSince()),
        listDeletedMedia(sql, project.id),
      ]);
      const takes = new Map(
        (
          await findTakes(
            sql,
            media.flatMap(({ takeIds }) => takeIds),
          )
        ).map((take) => [take.id, take]),
      );
      return {
        scenes: await Promise.all(
          scenes.map(async ({ id, deletedAt, deletedSequence, prompt, slotFrames, posterKey, hasClip }) => ({
            id,
            ...kept(deletedAt),
            sequence: deletedSequence,
            prompt,
            duration: slotFrames === null ? null : framesToSeconds(slotFrames, project.fps),
            posterUrl: posterKey === null ? null : await presign(posterKey),
            hasClip,
          })),
        ),
        songs: songs.map(({ id, replacedAt, fileName, samples, sampleRate }) => ({
          id,
          ...kept(replacedAt),
          fileName,
          duration: samples / sampleRate,
        })),
        media: await Promise.all(
          media.map(async ({ id, kind, takeIds, deletedAt }) => {
            const own = takeIds.flatMap((takeId) => takes.get(takeId) ?? []);
            const poster = own.find((take) => take.posterKey !== null)?.posterKey ?? null;
            return {
              id,
              ...kept(deletedAt),
              kind,
              name: own.find((take) => take.sourceName !== null)?.sourceName ?? null,
              posterUrl: poster === null ? null : await presign(poster),
            };
          }),
        ),
      };
    },

    /**
     * Puts a deleted scene back where it was, makes a replaced song the project's own again, or puts media back
     * among the project's media.
     * @throws AppError `ProjectNotFound`, `NotInBin`, `TooManyScenes`
     */
    async restore(projectId: string, itemId: string): Promise<Project> {
      const { id } = await requireProject(sql, projectId);
      await sql.begin(async (tx) => {
        await lockProject(tx, id);
        const media = (await listDeletedMedia(tx, id)).find((one) => one.id === itemId);
        if (media !== undefined) {
          await restoreMediaTakes(tx, media.takeIds);
          await touchProject(tx, id);
          await events.publish(tx, id, { type: 'project.changed', payload: { reason: 'bin.restored' } });
          return;
        }
        const item = isId(itemId) ? await findBinned(tx, id, itemId) : null;
        if (item === null) throw notInBin(itemId);
        let change: TimelineChange = { code: 'song-restored' };
        if (item.kind === 'song') {
          await chooseSong(tx, id, itemId);
        } else {
          const count = (await listScenes(tx, id)).length;
          requireSceneCapacity(count);
          const sequence = Math.min(item.sequence, count + 1);
          await makeRoom(tx, id, sequence);
          await unbinScene(tx, itemId, sequence);
          change = { code: 'scene-restored', sceneId: itemId, sequence };
          await fitting.settle(tx, itemId, 'now');
        }
        await touchProject(tx, id, { change, caller: deps.callerName() });
        await events.publish(tx, id, { type: 'project.changed', payload: { reason: 'bin.restored' } });
      });
      return deps.readProject(id);
    },

    /**
     * Deletes for good what has been in a bin for 30 days, with its media, and the steps of histories that are
     * as old. Songs stay as long as a lip-sync was made for them.
     */
    async sweep(): Promise<void> {
      const since = keptSince();
      for (const { projectId, sceneIds, songIds } of await findExpired(sql, since)) {
        await sql.begin(async (tx) => {
          if (!(await lockProject(tx, projectId))) return;
          for (const sceneId of sceneIds) {
            const owner = { projectId, sceneId };
            const keys = [...(await listTakeKeys(tx, owner)), ...(await listUploadKeys(tx, owner))];
            const own = await unsharedKeys(tx, keys, owner);
            if (!(await deleteBinnedScene(tx, sceneId))) continue;
            await storage.deleteLater(tx, own, `scene ${sceneId} deleted`);
          }
          for (const songId of songIds) {
            const keys = await deleteReplacedSong(tx, songId);
            const own = await unsharedKeys(tx, keys, { projectId });
            await storage.deleteLater(tx, own, `song ${songId} replaced`);
          }
          await dropRevisionsWith(tx, projectId, [...sceneIds, ...songIds]);
          await dropOldRevisions(tx, projectId, since);
        });
      }
      // After the steps of histories that are as old, which may have needed them.
      for (const { projectId, takeIds } of await findExpiredTakes(sql, since)) {
        await sql.begin(async (tx) => {
          if (!(await lockProject(tx, projectId))) return;
          await lockSharedObjects(tx);
          const unused = await unsharedKeys(tx, await dropTakes(tx, projectId, takeIds, since), null);
          await storage.deleteLater(tx, unused, `media of project ${projectId} deleted`);
        });
      }
    },
  };
}
