import type { Queryable } from '../../db/connect';
import type { TimelineChange } from '../contract/timeline-change.schema';
import { binScenes, useSong } from './bin.repository';
import { describeChange, goesOn } from './timeline-change.rules';
import {
  amendRevision,
  findHead,
  findNeighbour,
  findRevision,
  insertRevision,
  moveHead,
  readSnapshot,
  restoreScenes,
} from './timeline-revisions.repository';
import {
  changedSceneColumns,
  compareSnapshots,
  isRender,
  type SnapshotDifference,
  type TimelineSnapshot,
  weighDifference,
} from './timeline-snapshot.rules';

/** Who changes a timeline, and in what words when the states themselves don't tell. */
export type ChangeNote = {
  /** The name of the caller; left out: a job, or not known. */
  caller?: string | null;
  change?: TimelineChange;
};

/**
 * Writes down the state that a project's history begins with, before the first change. A state that was written
 * down before a column of scenes was made gets it now, while it still has the value that it had then.
 */
export async function beginHistory(tx: Queryable, projectId: string): Promise<void> {
  const { revision, isComplete } = await findRevision(tx, projectId);
  if (revision !== null && isComplete) return;
  const snapshot = await readSnapshot(tx, projectId);
  if (snapshot === null) return;
  if (revision === null) await insertRevision(tx, projectId, { snapshot, summary: null, caller: null });
  else await amendRevision(tx, projectId, { number: revision, snapshot }, false);
}

/**
 * Makes a step of what was changed since the last one, if anything was. Hold the project's lock. A picture that
 * was rendered for what the last step asked for, and words that are still being typed, belong to that step. What
 * was undone before can't be done again after a new step.
 */
export async function recordRevision(tx: Queryable, projectId: string, note: ChangeNote = {}): Promise<void> {
  const [head, snapshot] = [await findHead(tx, projectId), await readSnapshot(tx, projectId)];
  if (snapshot === null) return;
  if (head === null) {
    await insertRevision(tx, projectId, { snapshot, summary: null, caller: null });
    return;
  }
  const weight = weighDifference(compareSnapshots(head.snapshot, snapshot));
  if (weight === 'none') return;
  const { number } = head;
  if (weight === 'render') {
    await amendRevision(tx, projectId, { number, snapshot }, false);
    return;
  }
  const change = note.change ?? describeChange(head.snapshot, snapshot);
  const caller = note.caller ?? null;
  if (head.isRecent && head.isNewest && head.caller === caller && goesOn(head.summary, change)) {
    await amendRevision(tx, projectId, { number, snapshot }, true);
    return;
  }
  await insertRevision(tx, projectId, { snapshot, summary: change, caller });
}

/** A step that can be taken: what it changes, and how. */
export type PlannedStep = {
  /** What is undone or redone. */
  change: TimelineChange;
  /** The state that the project comes to. */
  number: number;
  target: TimelineSnapshot;
  now: TimelineSnapshot;
  /** Ids of the scenes that come, go, or show something else; not those that only get other words. */
  touched: string[];
  formatChanges: boolean;
};

/**
 * Looks what undo or redo would do. Hold the project's lock.
 * @returns the state that the project is at, and the step; null: there is nothing to undo or redo
 */
export async function planStep(
  tx: Queryable,
  projectId: string,
  direction: 'undo' | 'redo',
): Promise<{ revision: number | null; step: PlannedStep | null }> {
  // A state that nobody wrote down would be lost.
  await recordRevision(tx, projectId);
  const [head, now] = [await findHead(tx, projectId), await readSnapshot(tx, projectId)];
  if (head === null || now === null) return { revision: null, step: null };
  const next = await findNeighbour(tx, projectId, head.number, direction);
  const change = direction === 'undo' ? head.summary : (next?.summary ?? null);
  if (next === null || change === null) return { revision: head.number, step: null };
  const difference = compareSnapshots(now, next.snapshot);
  return {
    revision: head.number,
    step: {
      change,
      number: next.number,
      target: next.snapshot,
      now,
      touched: touchedScenes(difference),
      formatChanges: difference.format,
    },
  };
}

const words = new Set<string>(['prompt', 'negativePrompt']);

const touchedScenes = ({ added, removed, changed }: SnapshotDifference): string[] => [
  ...added,
  ...removed,
  ...changed.filter(({ columns }) => columns.some((column) => !words.has(column))).map(({ id }) => id),
];

/** Brings the timeline to the state of a planned step. */
export async function takeStep(tx: Queryable, projectId: string, step: PlannedStep): Promise<void> {
  const { target, now } = step;
  const kept = new Set(target.scenes.map(({ id }) => id));
  await binScenes(
    tx,
    now.scenes.filter(({ id }) => !kept.has(id)).map(({ id }) => id),
  );
  const placeNow = new Map(now.scenes.map((scene, index) => [scene.id, { scene, sequence: index + 1 }]));
  await restoreScenes(
    tx,
    projectId,
    target.scenes.flatMap((scene, index) => {
      const sequence = index + 1;
      const at = placeNow.get(scene.id);
      // A picture that came since is the one that the scene wants.
      const same = at?.sequence === sequence && isRender({ columns: changedSceneColumns(at.scene, scene) });
      return same ? [] : [{ sequence, scene }];
    }),
  );
  const { width, height, fps, songId } = target;
  if (songId !== now.songId) await useSong(tx, projectId, songId);
  await moveHead(tx, projectId, { number: step.number, width, height, fps });
}
