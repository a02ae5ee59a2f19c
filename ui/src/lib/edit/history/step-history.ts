import { toast } from '#lib/components/toast.ts';
import type { EditSession } from '#lib/edit/edit-session.svelte.ts';
import { i18n } from '#lib/text/i18n.svelte.ts';
import { changeWords } from './change-words.ts';

/** Undoes or redoes the last change and says what came of it. */
export async function stepHistory(session: EditSession, direction: 'undo' | 'redo'): Promise<void> {
  // What was begun before is meant, too.
  await session.settled();
  const isDone = await session.attempt(async () => {
    const change = await session.history.step(direction);
    if (change === null) return;
    const words = i18n.t.editor.history;
    const said = words[direction === 'undo' ? 'undid' : 'redid'](changeWords(change, i18n.t));
    toast.good(said, { id: 'history' });
    const scene = session.scenes.find(({ id }) => id === change.sceneId);
    if (scene !== undefined) session.choose(scene);
  });
  // It was refused, perhaps because somebody changed something: that is shown before it is tried again.
  if (!isDone) await session.store.refresh();
}
