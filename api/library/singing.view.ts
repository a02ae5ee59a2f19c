import type { Queryable } from '../../db/connect';
import type { ProjectRow } from './projects.rules';
import type { ScenePlace, SceneRow } from './scenes.rules';
import { findFaces, findLooking, findVoice, listNeedsLipsync } from './singing.repository';
import { type SceneSinging, sceneSinging } from './singing.rules';
import { fileFrames, windowOf } from './window.rules';

/** Who sings in a scene that stands there. */
export type SingingOf = (scene: SceneRow, place: Pick<ScenePlace, 'startFrame' | 'frames'>) => SceneSinging;

/** Who sings in which scene of a project, by scene; read once for all of them. */
export async function readSinging(
  sql: Queryable,
  project: Pick<ProjectRow, 'id' | 'song' | 'fps'>,
  scenes: readonly SceneRow[],
): Promise<SingingOf> {
  const originals = scenes.flatMap(({ originalTake }) => (originalTake === null ? [] : [originalTake.id]));
  const [faces, looking, voice, byHand] = await Promise.all([
    findFaces(sql, [...new Set(originals)]),
    findLooking(sql, [...new Set(originals)]),
    project.song === null ? null : findVoice(sql, project.song.id),
    listNeedsLipsync(sql, project.id),
  ]);
  return (scene, { startFrame, frames }) => {
    const { currentTake, originalTake, lipsyncTake } = scene;
    return sceneSinging({
      hasClip: currentTake !== null,
      isSynced: lipsyncTake !== null,
      faces: originalTake === null ? null : (faces.get(originalTake.id) ?? null),
      isLooking: originalTake !== null && looking.has(originalTake.id),
      shown:
        originalTake === null || frames === null ? null : fileFrames(windowOf(scene), frames, originalTake),
      voice,
      startFrame,
      frames,
      fps: project.fps,
      byHand: byHand.get(scene.id) ?? null,
    });
  };
}
