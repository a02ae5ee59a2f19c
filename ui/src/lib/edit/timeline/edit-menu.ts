import ListChecks from '@lucide/svelte/icons/list-checks';
import ListPlus from '@lucide/svelte/icons/list-plus';
import SquareSplitHorizontal from '@lucide/svelte/icons/square-split-horizontal';
import Trash2 from '@lucide/svelte/icons/trash-2';
import type { MenuGroups } from '#lib/components/menu.types.ts';
import type { EditSession } from '#lib/edit/edit-session.svelte.ts';
import { askToDelete, insertAfter, splitAtPlayhead } from '#lib/edit/scenes/scene-actions.ts';
import { i18n } from '#lib/text/i18n.svelte.ts';

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
