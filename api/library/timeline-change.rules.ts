import { isDeepStrictEqual } from 'node:util';
import type { TimelineChange, TimelineChangeCode } from '../contract/timeline-change.schema';
import { type KeptWindow, keptDefaultWindow } from '../contract/window.schema';
import {
  compareSnapshots,
  isRender,
  type SceneSnapshot,
  type SnapshotColumn,
  type TimelineSnapshot,
} from './timeline-snapshot.rules';

const numberOf = (snapshot: TimelineSnapshot, id: string) =>
  snapshot.scenes.findIndex((scene) => scene.id === id) + 1;
const sceneOf = (snapshot: TimelineSnapshot, id: string) =>
  snapshot.scenes.find((scene) => scene.id === id) ?? { id };

function windowChange(before: SceneSnapshot, after: SceneSnapshot): TimelineChangeCode {
  const [one, other] = [before.window ?? keptDefaultWindow, after.window ?? keptDefaultWindow];
  const differs = (name: keyof KeptWindow) => !isDeepStrictEqual(one[name], other[name]);
  if (differs('speed')) return 'scene-speed';
  if (differs('framing')) return 'scene-framing';
  return differs('inFrame') ? 'scene-slipped' : 'scene-window';
}

/** What was done to one scene, the most telling first: a new clip may bring a length and a window along. */
function sceneChange(
  before: SceneSnapshot,
  after: SceneSnapshot,
  columns: SnapshotColumn[],
): TimelineChangeCode {
  const has = (column: SnapshotColumn) => columns.includes(column);
  if (has('lipsyncTakeId') && after.lipsyncTakeId !== null) return 'scene-lipsync';
  if (has('originalTakeId')) {
    return before.originalTakeId === null ? 'scene-clip-added' : 'scene-clip-replaced';
  }
  const showsOriginal = (scene: SceneSnapshot) => scene.currentTakeId === scene.originalTakeId;
  if ((has('slotFrames') || has('window')) && showsOriginal(after) && !showsOriginal(before)) {
    return 'scene-reverted';
  }
  if (has('lipsyncTakeId')) return 'scene-lipsync-removed';
  if (has('slotFrames') && has('window')) return 'scene-trimmed';
  if (has('slotFrames')) return 'scene-length';
  if (has('window')) return windowChange(before, after);
  if (has('currentTakeId')) return 'scene-version';
  if (has('imageTakeId')) return 'scene-image';
  return has('prompt') || has('negativePrompt') ? 'scene-words' : 'scene-settings';
}

/** The one scene that was moved, when taking it out of both leaves the same order; else null. */
function movedScene(before: TimelineSnapshot, after: TimelineSnapshot): string | null {
  const [from, to] = [before, after].map(({ scenes }) => scenes.map(({ id }) => id));
  if (from === undefined || to === undefined) return null;
  const at = from.findIndex((id, index) => to[index] !== id);
  for (const candidate of [from[at], to[at]]) {
    const rest = (ids: string[]) => ids.filter((id) => id !== candidate).join();
    if (candidate !== undefined && rest(from) === rest(to)) return candidate;
  }
  return null;
}

function addedScene(before: TimelineSnapshot, after: TimelineSnapshot, id: string): TimelineChange {
  const sequence = numberOf(after, id);
  const one = { sceneId: id, sequence };
  const scene = sceneOf(after, id);
  const previous = after.scenes[sequence - 2];
  const hasMedia = [scene.originalTakeId, scene.imageTakeId].some((takeId) => typeof takeId === 'string');
  if (previous === undefined) return { code: 'scene-added', ...one };
  const { changed } = compareSnapshots(before, after);
  if (changed.some((other) => other.id === previous.id && other.columns.includes('slotFrames'))) {
    return { code: 'scene-split', sceneId: previous.id, sequence: sequence - 1 };
  }
  const isCopy = hasMedia && scene.prompt === previous.prompt && scene.slotFrames === previous.slotFrames;
  return isCopy
    ? { code: 'scene-duplicated', sceneId: previous.id, sequence: sequence - 1 }
    : { code: 'scene-added', ...one };
}

/** Whether two neighbours gave each other frames: the cut between them was moved. */
function isRoll(
  before: TimelineSnapshot,
  after: TimelineSnapshot,
  changed: { id: string; columns: SnapshotColumn[] }[],
): boolean {
  const [first, second] = changed;
  if (first === undefined || second === undefined || changed.length !== 2) return false;
  if (numberOf(after, second.id) !== numberOf(after, first.id) + 1) return false;
  if (!changed.every(({ columns }) => columns.includes('slotFrames'))) return false;
  const together = (snapshot: TimelineSnapshot) =>
    changed.reduce((sum, { id }) => sum + (sceneOf(snapshot, id).slotFrames ?? 0), 0);
  return together(before) === together(after);
}

/**
 * What was done to come from one state to another, as far as the states tell. Pure. The page has words for
 * each code; numbers of scenes are those after the change, of deleted ones those before.
 */
export function describeChange(before: TimelineSnapshot, after: TimelineSnapshot): TimelineChange {
  const { format, song, added, removed, order, ...difference } = compareSnapshots(before, after);
  // What was rendered beside it for another scene is not what was done.
  const steps = difference.changed.filter((scene) => !isRender(scene));
  const changed = steps.length > 0 ? steps : difference.changed;
  if (format) return { code: 'format-changed' };
  if (song) {
    if (before.songId === null) return { code: 'song-added' };
    return { code: after.songId === null ? 'song-removed' : 'song-replaced' };
  }
  if (added.length > 0 && removed.length > 0) return { code: 'timeline-changed' };
  const [newcomer] = added;
  if (newcomer !== undefined) {
    return added.length === 1
      ? addedScene(before, after, newcomer)
      : { code: 'scenes-added', count: added.length };
  }
  const [gone] = removed;
  if (gone !== undefined) {
    return removed.length === 1
      ? { code: 'scene-deleted', sceneId: gone, sequence: numberOf(before, gone) }
      : { code: 'scenes-deleted', count: removed.length };
  }
  if (order) {
    const moved = changed.length === 0 ? movedScene(before, after) : null;
    return moved === null
      ? { code: 'scenes-reordered' }
      : { code: 'scene-moved', sceneId: moved, sequence: numberOf(after, moved) };
  }
  const [only] = changed;
  if (only === undefined) return { code: 'timeline-changed' };
  const one = { sceneId: only.id, sequence: numberOf(after, only.id) };
  if (changed.length === 1) {
    return {
      code: sceneChange(sceneOf(before, only.id), sceneOf(after, only.id), only.columns),
      ...one,
    };
  }
  return isRoll(before, after, changed)
    ? { code: 'cut-moved', ...one }
    : { code: 'scenes-changed', count: changed.length };
}

/** Whether a change only goes on with the one before: words of one scene that are still being typed. */
export const goesOn = (earlier: TimelineChange | null, change: TimelineChange): boolean =>
  change.code === 'scene-words' && earlier?.code === 'scene-words' && earlier.sceneId === change.sceneId;
