import type { Scene } from '#contract/scene.schema';
import { frameAt } from '#lib/edit/clock/frame-time.rules.ts';
import type { EditSession } from '#lib/edit/edit-session.svelte.ts';
import { stepHistory } from '#lib/edit/history/step-history.ts';
import {
  askToDelete,
  extendSelection,
  insertAfter,
  moveSelection,
  splitScene,
} from '#lib/edit/scenes/scene-actions.ts';
import { revealScene } from '#lib/edit/scenes/scene-focus.ts';
import { blocked, lipsyncBlocked, splitBlocked } from '#lib/edit/scenes/scene-rules.ts';
import { BIG_STEP, slipBy, trimBy, trimToBar } from '#lib/edit/timeline/slot-keys.ts';
import { keyOf } from './shortcut-key.rules.ts';

export type ShortcutName =
  | 'play'
  | 'slower'
  | 'faster'
  | 'frame'
  | 'second'
  | 'ends'
  | 'scene'
  | 'move'
  | 'in'
  | 'out'
  | 'split'
  | 'lipsync'
  | 'delete'
  | 'insert'
  | 'select'
  | 'selectAll'
  | 'trimEnd'
  | 'trimStart'
  | 'trimBar'
  | 'slip'
  | 'snap'
  | 'ripple'
  | 'mute'
  | 'fullscreen'
  | 'zoom'
  | 'fit'
  | 'undo'
  | 'redo'
  | 'help';

/** `keys` as people read them; `on` as `keyOf` says them. A reason why it can't be done is said aloud. */
export type Shortcut = {
  name: ShortcutName;
  group: 'playing' | 'scenes' | 'page';
  keys: string[];
  on: Record<string, (session: EditSession) => string | null | undefined>;
};

/** The scene under the playhead: what the keys that cut mean. */
function underPlayhead(session: EditSession): Scene | null {
  const { moment } = session.preview;
  return moment.kind === 'end' ? null : (session.scenes[moment.index] ?? null);
}

function step(session: EditSession, by: 1 | -1): void {
  const at = session.scenes.findIndex((scene) => scene.id === session.chosen?.id);
  const scene = session.scenes[at + by];
  if (scene === undefined) return;
  // Its card may not be there yet.
  if (scene.sequence > session.staged.count) session.staged.finish();
  session.choose(scene, { seek: true });
  session.announcement = session.describe(scene);
  void revealScene(scene);
}

/** Opens the trim with the playhead as its in or out: what moves is seen before anything is cut. */
function trimTo(session: EditSession, side: 'inFrame' | 'outFrame'): string | null {
  const scene = underPlayhead(session);
  if (scene === null || scene.startFrame === null) return null;
  const reason = blocked(session, scene, { clip: true });
  if (reason !== null) return reason;
  session.preview.pause();
  session.choose(scene);
  const inClip = frameAt(session.preview.time, session.fps) - scene.startFrame;
  const { inFrame, speed } = scene.window;
  const frame = inFrame + Math.round(inClip * speed) + (side === 'outFrame' ? 1 : 0);
  session.dialogs.openDialog('trim', scene, { [side]: frame });
  return null;
}

function openLipsync(session: EditSession): string | null {
  const { chosen } = session;
  if (chosen === null) return null;
  const reason = lipsyncBlocked(session, chosen);
  if (reason === null) session.dialogs.openDialog('lipsync', chosen);
  return reason;
}

const doing = (work: (session: EditSession) => void) => (session: EditSession) => {
  work(session);
  return null;
};
const toggle = doing(({ view, preview, commands }) =>
  view === 'final' && commands.final !== undefined ? commands.final.toggle() : preview.toggle(),
);
const second = ({ preview, fps }: EditSession, by: 1 | -1) => preview.step(by * fps);

/** Every key of the edit page. The help lists them in this order. */
export const shortcuts: readonly Shortcut[] = [
  { name: 'play', group: 'playing', keys: ['Space', 'K'], on: { space: toggle, k: toggle } },
  {
    name: 'slower',
    group: 'playing',
    keys: ['J'],
    // Clips can't run backwards in step with a song: standing still, J goes back a second.
    on: {
      j: doing((session) => (session.preview.playing ? session.preview.shift(-1) : second(session, -1))),
    },
  },
  {
    name: 'faster',
    group: 'playing',
    keys: ['L'],
    on: {
      l: doing((session) => (session.preview.playing ? session.preview.shift(1) : toggle(session))),
    },
  },
  {
    name: 'frame',
    group: 'playing',
    keys: ['←', '→'],
    on: {
      arrowleft: doing(({ preview }) => preview.step(-1)),
      arrowright: doing(({ preview }) => preview.step(1)),
    },
  },
  {
    name: 'second',
    group: 'playing',
    keys: ['Shift+←', 'Shift+→'],
    on: {
      'shift+arrowleft': doing((session) => second(session, -1)),
      'shift+arrowright': doing((session) => second(session, 1)),
    },
  },
  { name: 'mute', group: 'playing', keys: ['M'], on: { m: doing(({ preview }) => preview.toggleMuted()) } },
  {
    name: 'fullscreen',
    group: 'playing',
    keys: ['F'],
    on: { f: doing(({ commands }) => void commands.fullscreen?.()) },
  },
  {
    name: 'ends',
    group: 'playing',
    keys: ['Home', 'End'],
    on: {
      home: doing(({ preview }) => preview.seek(0)),
      end: doing(({ preview }) => preview.seek(preview.length)),
    },
  },
  {
    name: 'scene',
    group: 'scenes',
    keys: ['↑', '↓'],
    on: {
      arrowup: doing((session) => step(session, -1)),
      arrowdown: doing((session) => step(session, 1)),
    },
  },
  {
    name: 'move',
    group: 'scenes',
    keys: ['Alt+↑', 'Alt+↓'],
    on: {
      'alt+arrowup': doing((session) => void moveSelection(session, -1)),
      'alt+arrowdown': doing((session) => void moveSelection(session, 1)),
    },
  },
  {
    name: 'lipsync',
    group: 'scenes',
    keys: ['Shift+L'],
    on: { 'shift+l': openLipsync },
  },
  { name: 'in', group: 'scenes', keys: ['I'], on: { i: (session) => trimTo(session, 'inFrame') } },
  { name: 'out', group: 'scenes', keys: ['O'], on: { o: (session) => trimTo(session, 'outFrame') } },
  {
    name: 'split',
    group: 'scenes',
    keys: ['S'],
    on: {
      s: (session) => {
        const scene = underPlayhead(session);
        if (scene === null) return null;
        const reason = splitBlocked(session, scene);
        if (reason === null) void splitScene(session, scene);
        return reason;
      },
    },
  },
  {
    name: 'trimEnd',
    group: 'scenes',
    keys: ['Alt+←', 'Alt+→'],
    on: {
      'alt+arrowleft': (session) => trimBy(session, 'end', -1),
      'alt+arrowright': (session) => trimBy(session, 'end', 1),
      'alt+shift+arrowleft': (session) => trimBy(session, 'end', -BIG_STEP),
      'alt+shift+arrowright': (session) => trimBy(session, 'end', BIG_STEP),
    },
  },
  {
    name: 'trimStart',
    group: 'scenes',
    keys: ['Q', 'W'],
    on: {
      q: (session) => trimBy(session, 'start', -1),
      w: (session) => trimBy(session, 'start', 1),
      'shift+q': (session) => trimBy(session, 'start', -BIG_STEP),
      'shift+w': (session) => trimBy(session, 'start', BIG_STEP),
    },
  },
  {
    name: 'trimBar',
    group: 'scenes',
    keys: ['Alt+PgUp', 'Alt+PgDn'],
    on: {
      'alt+pageup': (session) => trimToBar(session, -1),
      'alt+pagedown': (session) => trimToBar(session, 1),
    },
  },
  {
    name: 'slip',
    group: 'scenes',
    keys: [',', '.'],
    on: {
      ',': (session) => slipBy(session, -1),
      '.': (session) => slipBy(session, 1),
      // With Shift, on keyboards with and without their own keys for these signs.
      '<': (session) => slipBy(session, -BIG_STEP),
      ';': (session) => slipBy(session, -BIG_STEP),
      '>': (session) => slipBy(session, BIG_STEP),
      ':': (session) => slipBy(session, BIG_STEP),
    },
  },
  {
    name: 'delete',
    group: 'scenes',
    keys: ['Del'],
    on: {
      delete: doing((session) => void askToDelete(session)),
      backspace: doing((session) => void askToDelete(session)),
    },
  },
  { name: 'insert', group: 'scenes', keys: ['A'], on: { a: doing((session) => void insertAfter(session)) } },
  {
    name: 'select',
    group: 'scenes',
    keys: ['Shift+↑', 'Shift+↓'],
    on: {
      'shift+arrowup': doing((session) => extendSelection(session, -1)),
      'shift+arrowdown': doing((session) => extendSelection(session, 1)),
    },
  },
  {
    name: 'selectAll',
    group: 'scenes',
    keys: ['Ctrl+A', 'Esc'],
    on: {
      'mod+a': doing((session) => session.selectAll()),
      escape: doing(({ selected }) => selected.clear()),
    },
  },
  { name: 'snap', group: 'page', keys: ['N'], on: { n: doing(({ tools }) => tools.toggleSnaps()) } },
  { name: 'ripple', group: 'page', keys: ['R'], on: { r: doing(({ tools }) => tools.toggleRipples()) } },
  {
    name: 'undo',
    group: 'page',
    keys: ['Ctrl+Z'],
    on: { 'mod+z': doing((session) => void stepHistory(session, 'undo')) },
  },
  {
    name: 'redo',
    group: 'page',
    keys: ['Shift+Ctrl+Z', 'Ctrl+Y'],
    on: {
      'mod+shift+z': doing((session) => void stepHistory(session, 'redo')),
      'mod+y': doing((session) => void stepHistory(session, 'redo')),
    },
  },
  {
    name: 'zoom',
    group: 'page',
    keys: ['+', '−'],
    on: {
      '+': doing(({ commands }) => commands.zoom?.in()),
      '=': doing(({ commands }) => commands.zoom?.in()),
      '-': doing(({ commands }) => commands.zoom?.out()),
    },
  },
  { name: 'fit', group: 'page', keys: ['0'], on: { '0': doing(({ commands }) => commands.zoom?.fit()) } },
  {
    name: 'help',
    group: 'page',
    keys: ['?'],
    on: { '?': doing(({ dialogs }) => dialogs.openDialog('help')) },
  },
];

const byKey = new Map(shortcuts.flatMap(({ on }) => Object.entries(on)));

/** Where keys belong to what has the focus, not to the page. */
const OWN_KEYS =
  'input, textarea, select, video, [role="menu"], [role="dialog"], [role="alertdialog"], [role="slider"], [role="separator"], [role="radiogroup"], [contenteditable]';

/** The card or block of the scene that is chosen: Enter chooses it again. */
const CHOSEN_SCENE = '[data-scene-choose][aria-pressed="true"], [data-scene-block][aria-current="true"]';

/** Does what a key says, when it says something here. @returns why that can't be done now */
export function editShortcut(session: EditSession, event: KeyboardEvent): string | null {
  const at = event.target;
  if (event.defaultPrevented || session.project === null || session.dialogs.current !== null) return null;
  if (at instanceof Element && at.closest(OWN_KEYS) !== null) return null;
  // A button that has the focus is pressed by Space; a scene that is chosen already is played.
  const isButton = at instanceof HTMLButtonElement || at instanceof HTMLAnchorElement;
  if (isButton && event.key === ' ' && !at.matches(CHOSEN_SCENE)) return null;
  const run = byKey.get(keyOf(event));
  if (run === undefined) return null;
  event.preventDefault();
  return run(session) ?? null;
}
