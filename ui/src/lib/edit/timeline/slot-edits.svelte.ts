import type { Scene } from '#contract/scene.schema';
import type { EditSession } from '#lib/edit/edit-session.svelte.ts';
import { i18n } from '#lib/text/i18n.svelte.ts';
import {
  clampTo,
  type Edge,
  type Reach,
  rippled,
  rippleReach,
  rolled,
  rollReach,
  type SlotChange,
  type SlotChanges,
  slipped,
  slipReach,
} from './timeline-edits.rules.ts';

export type SlotEdit = { kind: 'roll' | 'ripple'; edge: Edge } | { kind: 'slip' };

/** Presses of a key that follow each other faster than this are one edit, in milliseconds. */
const BURST_MS = 350;

/** An edit that is on screen and not sent yet. */
type Shown = {
  sceneId: string;
  edit: SlotEdit;
  /** As they were when it began. */
  scenes: readonly Scene[];
  frames: number;
  changes: SlotChanges;
};

const isSame = (a: SlotEdit, b: SlotEdit) =>
  a.kind === b.kind && ('edge' in a ? a.edge : null) === ('edge' in b ? b.edge : null);

/**
 * Cuts that are moved and clips that are slid: on screen at once, sent one after the other, taken back when the
 * studio refuses them.
 */
export class SlotEdits {
  #shown = $state.raw<Shown | null>(null);
  /** Sent, and perhaps not in the project that was read last. */
  #sent = $state.raw<SlotChanges>(new Map());
  /** What is on screen and not in the project that was read last. */
  readonly changes: SlotChanges = $derived(merged(this.#sent, this.#shown?.changes ?? new Map()));
  /** What is being done, and by how many frames; null: nothing. */
  readonly active: { sceneId: string; edit: SlotEdit; frames: number } | null = $derived(this.#shown);
  readonly #session: EditSession;
  #sending: Promise<void> = Promise.resolve();
  #waiting = 0;
  #isHeld = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: EditSession) {
    this.#session = session;
  }

  /** What trimming an edge does: roll, unless ripple is switched on or there is no neighbour. `isOther`: the other one. */
  trimOf(scene: Scene, edge: Edge, isOther = false): SlotEdit {
    const { scenes, tools } = this.#session;
    const canRoll = rollReach(scenes, placeOf(scenes, scene.id), edge) !== null;
    return { kind: tools.ripples !== isOther || !canRoll ? 'ripple' : 'roll', edge };
  }

  /** How far an edit of a scene as it is shown now can go, in frames; null: it can't be made here. */
  reach(sceneId: string, edit: SlotEdit, scenes: readonly Scene[] = this.#session.scenes): Reach | null {
    const at = placeOf(scenes, sceneId);
    const scene = scenes[at];
    if (scene === undefined) return null;
    if (edit.kind === 'roll') return rollReach(scenes, at, edit.edge);
    return edit.kind === 'ripple' ? rippleReach(scene, edit.edge) : slipReach(scene);
  }

  /** Shows an edit; nothing of it is sent. Asked again for the same one, `frames` count from where it began. */
  show(sceneId: string, edit: SlotEdit, frames: number): void {
    if (this.#shown !== null && (this.#shown.sceneId !== sceneId || !isSame(this.#shown.edit, edit))) {
      void this.flush();
    }
    const scenes = this.#shown?.scenes ?? this.#session.scenes;
    const reach = this.reach(sceneId, edit, scenes);
    const by = reach === null ? 0 : clampTo(reach, frames);
    const changes = by === 0 ? new Map() : changesOf(scenes, sceneId, edit, by);
    this.#shown = { sceneId, edit, scenes, frames: by, changes };
  }

  /** What is shown from now on is held by a pointer: nothing of it is sent before it is let go. */
  hold(): void {
    void this.flush();
    this.#isHeld = true;
  }

  /** The pointer lets go: what is shown is sent. */
  async release(): Promise<void> {
    this.#isHeld = false;
    await this.flush();
  }

  /** Takes back what is only shown. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#isHeld = false;
    this.#shown = null;
  }

  /** Moves by some frames more; several presses in a row are one edit. */
  nudge(scene: Scene, edit: SlotEdit, frames: number): void {
    const { active } = this;
    const goesOn = active !== null && active.sceneId === scene.id && isSame(active.edit, edit);
    this.show(scene.id, edit, (goesOn ? active.frames : 0) + frames);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), BURST_MS);
  }

  /** Sends what is shown; resolves when everything that was sent is in the project. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    const shown = this.#isHeld ? null : this.#shown;
    if (shown !== null) this.#shown = null;
    if (shown !== null && shown.frames !== 0) {
      this.#sent = merged(this.#sent, shown.changes);
      this.#waiting++;
      this.#sending = this.#sending.then(() => this.#send(shown));
    }
    await this.#sending;
  }

  async #send({ sceneId, edit, frames, changes }: Shown): Promise<void> {
    const { api, store } = this.#session;
    const isDone = await this.#session.report(async () => {
      const scene = store.scene(sceneId);
      if (scene === null) return;
      if (edit.kind === 'roll') await api.roll(scene.sequence, { edge: edit.edge, frames });
      else await api.changeWindow(scene.sequence, changes.get(sceneId) ?? {});
    });
    this.#waiting--;
    // Whoever sent more meanwhile sees all of it until the last of it is in the project.
    if (this.#waiting > 0) return;
    await store.refresh();
    if (this.#waiting > 0) return;
    this.#sent = new Map();
    if (isDone) this.#session.announcement = i18n.t.timeline.did[edit.kind](frames);
  }
}

const placeOf = (scenes: readonly Scene[], sceneId: string) => scenes.findIndex(({ id }) => id === sceneId);

function changesOf(scenes: readonly Scene[], sceneId: string, edit: SlotEdit, frames: number): SlotChanges {
  const at = placeOf(scenes, sceneId);
  const scene = scenes[at];
  if (scene === undefined) return new Map();
  if (edit.kind === 'roll') return rolled(scenes, at, edit.edge, frames);
  return edit.kind === 'ripple' ? rippled(scene, edit.edge, frames) : slipped(scene, frames);
}

function merged(earlier: SlotChanges, later: SlotChanges): SlotChanges {
  const both = new Map<string, SlotChange>(earlier);
  for (const [id, change] of later) both.set(id, { ...both.get(id), ...change });
  return both;
}
