import AudioLines from '@lucide/svelte/icons/audio-lines';
import Clapperboard from '@lucide/svelte/icons/clapperboard';
import Columns2 from '@lucide/svelte/icons/columns-2';
import Copy from '@lucide/svelte/icons/copy';
import History from '@lucide/svelte/icons/history';
import ImagePlus from '@lucide/svelte/icons/image-plus';
import ImageUp from '@lucide/svelte/icons/image-up';
import Magnet from '@lucide/svelte/icons/magnet';
import Mic from '@lucide/svelte/icons/mic';
import MicOff from '@lucide/svelte/icons/mic-off';
import MoveDown from '@lucide/svelte/icons/move-down';
import MoveUp from '@lucide/svelte/icons/move-up';
import RotateCcw from '@lucide/svelte/icons/rotate-ccw';
import Scissors from '@lucide/svelte/icons/scissors';
import SquareSplitHorizontal from '@lucide/svelte/icons/square-split-horizontal';
import Trash2 from '@lucide/svelte/icons/trash-2';
import Upload from '@lucide/svelte/icons/upload';
import UserPlus from '@lucide/svelte/icons/user-plus';
import type { Scene } from '#contract/scene.schema';
import type { MenuGroups } from '#lib/components/menu.types.ts';
import type { EditSession } from '#lib/edit/edit-session.svelte.ts';
import { i18n } from '#lib/text/i18n.svelte.ts';
import { duplicateScene, moveScene, removeLipsync, setNeedsLipSync, splitScene } from './scene-actions.ts';
import { blocked, lineUpBlocked, lipsyncBlocked, showsOriginal, splitBlocked } from './scene-rules.ts';

/** Everything that can be done with a scene; what can't be done now says why. */
export function sceneMenu(
  session: EditSession,
  scene: Scene,
  pick: (scene: Scene, kind: 'clip' | 'image') => void,
): MenuGroups {
  const { edit: e, editor: ed } = i18n.t;
  const { dialogs } = session;
  const free = blocked(session, scene);
  const needsClip = blocked(session, scene, { clip: true });
  const atOriginal = showsOriginal(scene) ? e.reasons.isOriginal : null;
  return [
    [
      {
        label: scene.imageTake === null ? e.generateImage : e.regenerateImage,
        icon: ImagePlus,
        unavailable: free,
        onselect: () => dialogs.openDialog('generate-image', scene),
      },
      {
        label: scene.currentTake === null ? e.generateVideo : e.regenerateVideo,
        icon: Clapperboard,
        unavailable: free,
        onselect: () => dialogs.openDialog('generate-video', scene),
      },
      {
        label: scene.lipsync === null ? e.addLipsync : e.regenerateLipsync,
        icon: AudioLines,
        keys: 'Shift+L',
        unavailable: lipsyncBlocked(session, scene),
        onselect: () => dialogs.openDialog('lipsync', scene),
      },
      ...(scene.lipsync === null
        ? []
        : [
            {
              label: e.addLipsync,
              icon: UserPlus,
              unavailable: lipsyncBlocked(session, scene),
              onselect: () => dialogs.openDialog('lipsync', scene, { anew: true }),
            },
          ]),
      {
        label: scene.needsLipSync ? e.singing.leaveOut : e.singing.include,
        icon: scene.needsLipSync ? MicOff : Mic,
        unavailable: scene.currentTake === null ? e.reasons.noClip : null,
        onselect: () => void setNeedsLipSync(session, scene, !scene.needsLipSync),
      },
    ],
    [
      {
        label: e.trim,
        icon: Scissors,
        unavailable: needsClip,
        onselect: () => dialogs.openDialog('trim', scene),
      },
      {
        label: ed.splitAt,
        icon: SquareSplitHorizontal,
        keys: 'S',
        unavailable: splitBlocked(session, scene),
        onselect: () => void splitScene(session, scene),
      },
      {
        label: i18n.t.lineUp.menu,
        icon: Magnet,
        unavailable: lineUpBlocked(session, scene),
        onselect: () => dialogs.openDialog('line-up', scene),
      },
      { label: e.uploadClip, icon: Upload, unavailable: free, onselect: () => pick(scene, 'clip') },
      { label: e.uploadImage, icon: ImageUp, unavailable: free, onselect: () => pick(scene, 'image') },
    ],
    [
      {
        label: e.compare,
        icon: Columns2,
        unavailable: scene.currentTake === null ? e.reasons.noClip : atOriginal,
        onselect: () => dialogs.openDialog('compare', scene),
      },
      {
        label: e.versions,
        icon: History,
        unavailable: scene.currentTake === null ? e.reasons.noClip : null,
        onselect: () => dialogs.openDialog('versions', scene),
      },
      {
        label: e.removeLipsync,
        icon: MicOff,
        unavailable: needsClip ?? (scene.lipsync === null ? e.reasons.noLipsync : null),
        onselect: () => void removeLipsync(session, scene),
      },
      {
        label: e.revert,
        icon: RotateCcw,
        unavailable: needsClip ?? atOriginal,
        onselect: () => dialogs.openDialog('revert', scene),
      },
    ],
    [
      {
        label: e.moveUp,
        icon: MoveUp,
        unavailable: scene.sequence === 1 ? e.reasons.first : null,
        onselect: () => void moveScene(session, scene, scene.sequence - 2),
      },
      {
        label: e.moveDown,
        icon: MoveDown,
        unavailable: scene.sequence === session.scenes.length ? e.reasons.last : null,
        onselect: () => void moveScene(session, scene, scene.sequence),
      },
      {
        label: ed.duplicate,
        icon: Copy,
        unavailable: free,
        onselect: () => void duplicateScene(session, scene),
      },
      {
        label: e.deleteScene,
        icon: Trash2,
        keys: 'Del',
        danger: true,
        unavailable: free,
        onselect: () => dialogs.openDialog('delete', scene),
      },
    ],
  ];
}
