import type { EditSession } from './edit-session.svelte.ts';
import { stepHistory } from './scene-actions.ts';
import { lipsyncBlocked } from './scene-rules.ts';

/** Where keys belong to what has the focus, not to the page. */
const OWN_KEYS =
  'input, textarea, select, [role="menu"], [role="dialog"], [role="alertdialog"], [role="slider"], [role="separator"], [contenteditable]';

/** Does what a key says, when it says something here. */
export function editShortcut(session: EditSession, event: KeyboardEvent): void {
  const at = event.target;
  if (session.project === null || session.dialogs.current !== null) return;
  if (at instanceof Element && at.closest(OWN_KEYS) !== null) return;
  const isButton = at instanceof HTMLButtonElement || at instanceof HTMLAnchorElement;
  if (isButton && (event.key === ' ' || event.key === 'Enter')) return;
  const { preview, fps, chosen, scenes } = session;
  const command = event.ctrlKey || event.metaKey;
  const step = (by: number) => {
    const scene = scenes[(chosen?.sequence ?? 1) - 1 + by];
    if (scene !== undefined) session.choose(scene, { seek: true });
  };
  if (command && event.key.toLowerCase() === 'z') {
    void stepHistory(session, event.shiftKey ? 'redo' : 'undo');
  } else if (command || event.altKey) return;
  else if (event.key === ' ' || event.key === 'k') preview.toggle();
  else if (event.key === 'ArrowLeft') preview.seek(preview.time - 1 / fps);
  else if (event.key === 'ArrowRight') preview.seek(preview.time + 1 / fps);
  else if (event.key === 'ArrowUp') step(-1);
  else if (event.key === 'ArrowDown') step(1);
  else if (event.key === 'l' && chosen !== null && lipsyncBlocked(session, chosen) === null) {
    session.dialogs.openDialog('lipsync', chosen);
  } else return;
  event.preventDefault();
}
