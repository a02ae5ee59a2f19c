import ArrowLeftToLine from '@lucide/svelte/icons/arrow-left-to-line';
import ArrowRightToLine from '@lucide/svelte/icons/arrow-right-to-line';
import ChevronsLeft from '@lucide/svelte/icons/chevrons-left';
import ChevronsRight from '@lucide/svelte/icons/chevrons-right';
import ListChecks from '@lucide/svelte/icons/list-checks';
import ListEnd from '@lucide/svelte/icons/list-end';
import ListPlus from '@lucide/svelte/icons/list-plus';
import Magnet from '@lucide/svelte/icons/magnet';
import MoveDown from '@lucide/svelte/icons/move-down';
import MoveUp from '@lucide/svelte/icons/move-up';
import SquareSplitHorizontal from '@lucide/svelte/icons/square-split-horizontal';
import Trash2 from '@lucide/svelte/icons/trash-2';
import type { MenuGroups } from '#lib/components/menu.types.ts';
import { toast } from '#lib/components/toast.ts';
import type { EditSession } from '#lib/edit/edit-session.svelte.ts';
import {
  askToDelete,
  extendSelection,
  insertAfter,
  moveSelection,
  splitAtPlayhead,
} from '#lib/edit/scenes/scene-actions.ts';
import { i18n } from '#lib/text/i18n.svelte.ts';
import { slipBy, trimBy, trimToBar } from './slot-keys.ts';

/** Says why something can't be done. */
function say(reason: string | null): void {
  if (reason !== null) toast.bad(i18n.t.common.unavailable(reason));
}

/** Cuts and clips moved by a frame, or to a bar. */
function steps(session: EditSession) {
  const { steps: t } = i18n.t.timeline;
  return [
    { label: t.endEarlier, icon: ArrowLeftToLine, keys: 'Alt+←', run: () => trimBy(session, 'end', -1) },
    { label: t.endLater, icon: ArrowRightToLine, keys: 'Alt+→', run: () => trimBy(session, 'end', 1) },
    { label: t.startEarlier, icon: ArrowLeftToLine, keys: 'Q', run: () => trimBy(session, 'start', -1) },
    { label: t.startLater, icon: ArrowRightToLine, keys: 'W', run: () => trimBy(session, 'start', 1) },
    { label: t.barBefore, icon: Magnet, keys: 'Alt+PgUp', run: () => trimToBar(session, -1) },
    { label: t.barAfter, icon: Magnet, keys: 'Alt+PgDn', run: () => trimToBar(session, 1) },
    { label: t.slipEarlier, icon: ChevronsLeft, keys: ',', run: () => slipBy(session, -1) },
    { label: t.slipLater, icon: ChevronsRight, keys: '.', run: () => slipBy(session, 1) },
  ];
}

/** What can be done to the selected scenes on the timeline, for those who use neither pointer nor keys. */
export function editMenu(session: EditSession): MenuGroups {
  const { timeline: t, editor } = i18n.t;
  const { selection } = session;
  const none = selection.length === 0 ? t.nothingSelected : null;
  return [
    [
      {
        label: editor.splitAt,
        icon: SquareSplitHorizontal,
        keys: 'S',
        onselect: () => void splitAtPlayhead(session),
      },
      { label: t.insertAfter, icon: ListPlus, keys: 'A', onselect: () => void insertAfter(session) },
      {
        label: t.selectAll,
        icon: ListChecks,
        keys: 'Ctrl+A',
        unavailable: none,
        onselect: () => session.selectAll(),
      },
      {
        label: t.selectNext,
        icon: ListEnd,
        keys: 'Shift+↓',
        unavailable: none,
        onselect: () => extendSelection(session, 1),
      },
      { label: t.moveEarlier, icon: MoveUp, keys: 'Alt+↑', onselect: () => void moveSelection(session, -1) },
      { label: t.moveLater, icon: MoveDown, keys: 'Alt+↓', onselect: () => void moveSelection(session, 1) },
    ],
    [
      ...steps(session).map(({ label, icon, keys, run }) => {
        // Asked for when it is chosen: the menu opens with what is there.
        return { label, icon, keys, unavailable: none, onselect: () => say(run()) };
      }),
    ],
    [
      {
        label: t.deleteScenes(selection.length),
        icon: Trash2,
        keys: 'Del',
        danger: true,
        unavailable: none,
        onselect: () => void askToDelete(session),
      },
    ],
  ];
}
