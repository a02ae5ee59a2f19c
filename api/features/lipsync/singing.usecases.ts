import { join } from 'node:path';
import type { Database } from '../../../db/connect';
import type { Listen } from '../../../db/listen';
import type { Faces } from '../../contract/singing.schema';
import type { Events } from '../../events/events.types';
import type { Fitting } from '../../library/fitting.types';
import { findProject, findSong, lockProject } from '../../library/projects.repository';
import { listScenesOf } from '../../library/scenes.repository';
import {
  claimFacesWork,
  claimVoiceWork,
  noteFacesError,
  noteVoiceError,
  saveFaces,
  saveVoice,
} from '../../library/singing.repository';
import { findTake } from '../../library/takes.repository';
import { recordRevision } from '../../library/timeline-history.repository';
import type { Looks } from '../../providers/looks.types';
import { errorMessage } from '../../shared/errors';
import type { Log } from '../../shared/log';
import type { Storage } from '../../storage/storage.types';
import { workWhenAnnounced } from '../../work/announced-work';

/** Channels of PostgreSQL on which new takes and songs are announced (migrations 0007 and 0015). */
const CHANNELS = ['songreel_takes', 'songreel_songs'] as const;

export type SingingUsecases = ReturnType<typeof createSingingUsecases>;

/**
 * Looks for faces when clips arrive and for a voice when songs do, and in those that came before. Behind
 * everything else, one after the other; what can't be looked at stays unknown and harms nothing else.
 */
export function createSingingUsecases(deps: {
  sql: Database;
  log: Log;
  listen: Listen;
  events: Pick<Events, 'publish'>;
  storage: Pick<Storage, 'download' | 'inScratchFolder'>;
  looks: Looks;
  fitting: Pick<Fitting, 'settle'>;
}) {
  const { sql, log, events, storage, looks, fitting } = deps;

  const tell = (projectId: string, reason: string) =>
    sql.begin((tx) => events.publish(tx, projectId, { type: 'project.changed', payload: { reason } }));

  /** Keeps what was seen; clips of another shape than the frame's are fitted again, with the face in it. */
  async function keepFaces(takeId: string, projectId: string, faces: Faces): Promise<void> {
    await sql.begin(async (tx) => {
      if (!(await lockProject(tx, projectId)) || !(await saveFaces(tx, takeId, faces))) return;
      for (const scene of await listScenesOf(tx, takeId)) await fitting.settle(tx, scene.id, 'soon');
      await recordRevision(tx, projectId);
      await events.publish(tx, projectId, { type: 'project.changed', payload: { reason: 'take.faces' } });
    });
  }

  async function lookAt(takeId: string, signal: AbortSignal): Promise<void> {
    const take = await findTake(sql, takeId);
    const project = take === null ? null : await findProject(sql, take.projectId);
    if (take === null || project === null || take.frames === null) return;
    const { s3Key, sha256, width, height, frames } = take;
    await storage.inScratchFolder(async (folder) => {
      const path = join(folder, 'clip');
      await storage.download(s3Key, path, { signal, sha256 });
      const faces = await looks.faces({ path, width, height, frames, fps: project.fps }, signal);
      await keepFaces(takeId, project.id, faces);
    });
  }

  /** Who waits for the look is told that it came to nothing. */
  async function noteFailedLook(takeId: string, message: string): Promise<void> {
    await noteFacesError(sql, takeId, message);
    const take = await findTake(sql, takeId);
    if (take !== null) await tell(take.projectId, 'take.faces');
  }

  async function listenTo(songId: string, signal: AbortSignal): Promise<void> {
    const song = await findSong(sql, songId);
    if (song === null) return;
    const { masterKey, masterSha256, samples, sampleRate, projectId } = song;
    await storage.inScratchFolder(async (folder) => {
      const path = join(folder, 'song');
      await storage.download(masterKey, path, { signal, sha256: masterSha256 });
      const voice = await looks.voice({ path, seconds: samples / sampleRate }, signal);
      if (await saveVoice(sql, songId, voice)) await tell(projectId, 'song.voice');
    });
  }

  /** Does one kind of work until there is none. */
  async function workOff(
    signal: AbortSignal,
    work: {
      claim: () => Promise<string | null>;
      look: (id: string, signal: AbortSignal) => Promise<void>;
      note: (id: string, message: string) => Promise<void>;
    },
  ): Promise<void> {
    while (!signal.aborted) {
      const id = await work.claim();
      if (id === null) return;
      try {
        await work.look(id, signal);
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ id, error: errorMessage(error) }, 'faces_or_voice_not_looked_for');
        await work.note(id, errorMessage(error));
      }
    }
  }

  async function workAllOff(signal: AbortSignal): Promise<void> {
    await workOff(signal, {
      claim: () => claimVoiceWork(sql),
      look: listenTo,
      note: (id, message) => noteVoiceError(sql, id, message),
    });
    await workOff(signal, {
      claim: () => claimFacesWork(sql),
      look: lookAt,
      note: noteFailedLook,
    });
  }

  return {
    /** Looks whenever takes or songs are announced, until the signal; resolves when it has stopped. */
    startLooking: (signal: AbortSignal): Promise<void> =>
      workWhenAnnounced(deps.listen, CHANNELS, signal, () =>
        workAllOff(signal).catch((error: unknown) =>
          log.warn({ error: errorMessage(error) }, 'faces_and_voices_not_looked_for'),
        ),
      ),
  };
}
