import type { Queryable } from '../../../db/connect';
import { planUnsynced } from '../../library/fitting.rules';
import { type KeptLipsync, keptLipsync } from '../../library/kept-lipsync.rules';
import {
  projectHasNoSong,
  sceneHasNoLength,
  sceneHasNoVideo,
  sliceOutsideSong,
} from '../../library/projects.errors';
import type { ProjectRow } from '../../library/projects.rules';
import { layOutTimeline, type SceneRow, songFrames, songSegment } from '../../library/scenes.rules';
import { listTakes } from '../../library/takes.repository';
import type { SceneLipsyncJob } from './lipsync.rules';

/** A lip-sync that can be made: of which clip, to which frames of which song. */
export type LipsyncPlan = {
  projectId: string;
  sceneId: string;
  /** Length of the clip. */
  seconds: number;
  /** Of the lip-sync that it replaces; null: there is none. */
  kept: KeptLipsync | null;
  made: Omit<SceneLipsyncJob, 'lipsync'>;
};

/**
 * What a scene's lip-sync is made of, taken from the database in frames. It always starts from the
 * un-synced clip that fits the scene, which may still have to be made.
 * @throws AppError `ProjectHasNoSong`, `SceneHasNoVideo`, `SceneHasNoLength`, `SliceOutsideSong`
 */
export async function planSceneLipsync(
  db: Queryable,
  project: ProjectRow,
  scene: SceneRow,
  scenes: SceneRow[],
): Promise<LipsyncPlan> {
  const { song, fps } = project;
  if (song === null) throw projectHasNoSong();
  const { slotFrames } = scene;
  const unsynced = planUnsynced(scene, await listTakes(db, scene.id), project);
  if (unsynced.to === 'nothing' || slotFrames === null) throw sceneHasNoVideo(scene.sequence);

  const places = layOutTimeline(scenes);
  const startFrame = places.find((place) => place.sceneId === scene.id)?.startFrame ?? null;
  if (startFrame === null) {
    const first = places.find((place) => place.frames === null);
    throw sceneHasNoLength(first?.sequence ?? scene.sequence);
  }
  const segment = songSegment(startFrame, slotFrames, songFrames(song, fps));
  if (segment === null) {
    throw sliceOutsideSong(scene.sequence, startFrame / fps, song.samples / song.sampleRate);
  }
  const { id: projectId } = project;
  return {
    projectId,
    sceneId: scene.id,
    seconds: slotFrames / fps,
    kept: keptLipsync(scene.lipsyncTake),
    made: {
      parentTakeId: unsynced.to === 'show' ? unsynced.take.id : null,
      songId: song.id,
      ...segment,
    },
  };
}
