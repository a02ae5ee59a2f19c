import type { EditSession } from '#lib/edit/edit-session.svelte.ts';
import { i18n } from '#lib/text/i18n.svelte.ts';
import type { SlotEdit } from './slot-edits.svelte.ts';
import { nextOfSong } from './snap.rules.ts';
import type { Edge } from './timeline-edits.rules.ts';

/** With Shift a key goes ten frames. */
export const BIG_STEP = 10;

/** Does an edit of the chosen scene by some frames more. @returns why that can't be done, or null */
function nudge(session: EditSession, edit: SlotEdit, frames: number): string | null {
  const { chosen, edits } = session;
  if (chosen === null) return i18n.t.timeline.nothingSelected;
  const reach = edits.reach(chosen.id, edit);
  if (reach === null) return edit.kind === 'slip' ? i18n.t.timeline.nothingToSlip : i18n.t.timeline.noLength;
  session.preview.pause();
  edits.nudge(chosen, edit, frames);
  const [shown] = session.scenes.filter(({ id }) => id === chosen.id);
  if (shown === undefined || shown.start === null || shown.end === null) return null;
  const { time } = session.preview;
  // What changes is seen.
  if (edit.kind === 'slip' && (time < shown.start || time >= shown.end)) session.preview.seek(shown.start);
  return null;
}

/** Slides the chosen scene's clip: positive shows it from later on. */
export const slipBy = (session: EditSession, frames: number): string | null =>
  nudge(session, { kind: 'slip' }, frames);

/** Moves an edge of the chosen scene. */
export function trimBy(session: EditSession, edge: Edge, frames: number): string | null {
  const { chosen, edits } = session;
  if (chosen === null) return i18n.t.timeline.nothingSelected;
  return nudge(session, edits.trimOf(chosen, edge), frames);
}

/** Moves the end of the chosen scene to the bar before or after it. */
export function trimToBar(session: EditSession, by: 1 | -1): string | null {
  const { chosen, fps, tools } = session;
  if (chosen === null) return i18n.t.timeline.nothingSelected;
  if (chosen.startFrame === null || chosen.frames === null) return i18n.t.timeline.noLength;
  const end = chosen.startFrame + chosen.frames;
  // Every bar, whatever the zoom: as if it were seen from very near.
  const points = tools.points({ cuts: [], playhead: null, scale: 1000, fps });
  const target = nextOfSong(points, end, by);
  return target === null ? i18n.t.timeline.noBar : trimBy(session, 'end', target - end);
}
