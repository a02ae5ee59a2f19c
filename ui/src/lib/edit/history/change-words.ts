import type { TimelineChange } from '#contract/timeline-change.schema';
import type { Catalogue } from '#lib/text/en.ts';

/** A change of the timeline in the words of a language, such as "Delete scene 3". */
export const changeWords = (change: TimelineChange, t: Catalogue): string =>
  t.editor.history.changes[change.code](change.sequence ?? 0, change.count ?? 0);
