import { join } from 'node:path';
import * as v from 'valibot';
import type { Database } from '../../../db/connect';
import type { Listen } from '../../../db/listen';
import { FilmstripSchema, type Take } from '../../contract/take.schema';
import type { Events } from '../../events/events.types';
import { filmstripKey, posterKey } from '../../library/media-keys.rules';
import { takeNotFound } from '../../library/projects.errors';
import { isId, requireProject } from '../../library/projects.lookup';
import { lockProject } from '../../library/projects.repository';
import { type Presign, presentTake } from '../../library/projects.view';
import { claimPictureWork, notePictureError, savePictures } from '../../library/take-thumbnails.repository';
import { findTake } from '../../library/takes.repository';
import type { TakeRow } from '../../library/takes.rules';
import type { MediaService } from '../../media/media.service.types';
import { errorMessage } from '../../shared/errors';
import type { NewId } from '../../shared/ids';
import type { Log } from '../../shared/log';
import type { Storage } from '../../storage/storage.types';
import { workWhenAnnounced } from '../../work/announced-work';
import { defineCompletions } from '../../work/define-completions';

/** Channel of PostgreSQL on which new takes are announced (migration 0007). */
const TAKES_CHANNEL = 'songreel_takes';

/** Pictures are stored without a job. */
const thumbnails = defineCompletions({
  'take.pictures.made': v.object({
    takeId: v.string(),
    projectId: v.string(),
    filmstrip: v.nullable(v.omit(FilmstripSchema, ['url'])),
  }),
});

export type TakeThumbnailsUsecases = ReturnType<typeof createTakeThumbnailsUsecases>;

/**
 * Posters and filmstrips. Workers make them when a take is announced, whoever made it, and for takes
 * that never got any. A picture that can't be made is noted and harms nothing else.
 */
export function createTakeThumbnailsUsecases(deps: {
  sql: Database;
  newId: NewId;
  log: Log;
  listen: Listen;
  events: Pick<Events, 'publish'>;
  storage: Pick<Storage, 'storeFiles' | 'download' | 'inScratchFolder' | 'deleteLater'>;
  media: Pick<MediaService, 'makeTakeThumbnails' | 'makeThumbnail'>;
  presign: Presign;
}) {
  const { sql, newId, log, events, storage, media } = deps;
  /** What this process is at, by take: a second call waits for the first. */
  const underWay = new Map<string, Promise<void>>();

  const completions = thumbnails.by({
    async 'take.pictures.made'(tx, files, { takeId, projectId, filmstrip }) {
      const [poster, strip] = files;
      if (poster === undefined) throw new Error('Pictures without a poster.');
      // Whoever deletes the take lists its objects under this lock, and would miss pictures that come in between.
      await lockProject(tx, projectId);
      const saved = await savePictures(tx, takeId, {
        posterKey: poster.key,
        filmstripKey: strip?.key ?? null,
        filmstrip,
      });
      if (!saved) {
        const keys = files.map(({ key }) => key);
        await storage.deleteLater(tx, keys, `take ${takeId} is gone or had pictures already`);
        return;
      }
      await events.publish(tx, projectId, { type: 'project.changed', payload: { reason: 'take.pictures' } });
    },
  });

  async function make(take: TakeRow, signal: AbortSignal): Promise<void> {
    const project = await requireProject(sql, take.projectId);
    const step = { signal };
    const store = thumbnails.storeIn(storage, { signal });
    await storage.inScratchFolder(async (folder) => {
      const at = (name: string) => join(folder, name);
      await storage.download(take.s3Key, at('take'), { signal, sha256: take.sha256 });
      const files = { take: at('take'), poster: at('poster.jpg'), filmstrip: at('strip.jpg') };
      const format = { width: take.width, height: take.height, fps: project.fps };
      const { frames, contentType } = take;
      let filmstrip = null;
      if (frames === null) {
        await media.makeThumbnail({ image: files.take, contentType, poster: files.poster }, step);
      } else {
        filmstrip = await media.makeTakeThumbnails({ ...files, frames, format }, step);
      }
      const id = newId();
      const file = (path: string, key: string) => ({ path, key, contentType: 'image/jpeg' });
      await store({
        files: [
          file(files.poster, posterKey(project.id, id)),
          ...(filmstrip === null ? [] : [file(files.filmstrip, filmstripKey(project.id, id))]),
        ],
        completion: 'take.pictures.made',
        arguments: { takeId: take.id, projectId: project.id, filmstrip },
      });
    });
  }

  function makeOnce(take: TakeRow, signal: AbortSignal): Promise<void> {
    const running = underWay.get(take.id);
    if (running !== undefined) return running;
    const started = make(take, signal).finally(() => underWay.delete(take.id));
    underWay.set(take.id, started);
    return started;
  }

  /** Makes pictures until there is nothing to do. */
  async function workOff(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const takeId = await claimPictureWork(sql);
      if (takeId === null) return;
      const take = await findTake(sql, takeId);
      if (take === null) continue;
      try {
        await makeOnce(take, signal);
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ takeId, error: errorMessage(error) }, 'take_pictures_failed');
        await notePictureError(sql, takeId, errorMessage(error));
      }
    }
  }

  return {
    completions,

    /**
     * The take with its pictures, made now if it has none.
     * @throws AppError `ProjectNotFound`, `TakeNotFound`, and what media and storage throw
     */
    async makeFor(projectId: string, takeId: string, signal: AbortSignal): Promise<Take> {
      const project = await requireProject(sql, projectId);
      const find = async () => {
        const take = isId(takeId) ? await findTake(sql, takeId) : null;
        if (take === null || take.projectId !== project.id) throw takeNotFound(takeId);
        return take;
      };
      const take = await find();
      if (take.posterKey === null) await makeOnce(take, signal);
      return presentTake(await find(), project.fps, deps.presign);
    },

    /** Makes pictures whenever takes are announced, until the signal; resolves when it has stopped. */
    startMaking: (signal: AbortSignal): Promise<void> =>
      workWhenAnnounced(deps.listen, [TAKES_CHANNEL], signal, () =>
        workOff(signal).catch((error: unknown) =>
          log.warn({ error: errorMessage(error) }, 'take_pictures_not_looked_for'),
        ),
      ),
  };
}
