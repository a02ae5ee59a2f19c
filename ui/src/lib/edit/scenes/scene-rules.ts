import type { Job } from '#contract/job.schema';
import type { Scene } from '#contract/scene.schema';
import { defaultWindow, type Framing } from '#contract/window.schema';
import { frameAt } from '#lib/edit/clock/frame-time.rules.ts';
import type { EditSession } from '#lib/edit/edit-session.svelte.ts';
import { errorWords } from '#lib/text/error-words.ts';
import { i18n } from '#lib/text/i18n.svelte.ts';

/** Why something can't be done to a scene now, in words; null: it can. */
export function blocked(
  session: EditSession,
  scene: Scene,
  needs: { clip?: boolean; song?: boolean } = {},
): string | null {
  const { reasons } = i18n.t.edit;
  if (session.store.sceneJob(scene.id) !== null || session.uploads.ofScene(scene.id) !== null)
    return reasons.busy;
  if (needs.clip && scene.currentTake === null) return reasons.noClip;
  if (needs.song && session.project?.song === null) return reasons.noSong;
  if (needs.song && scene.startFrame === null) return reasons.noPlace;
  return null;
}

/** Why a scene can't be lip-synced now; null: it can. */
export const lipsyncBlocked = (session: EditSession, scene: Scene) =>
  blocked(session, scene, { clip: true, song: true });

/** Why it can't be looked for where a scene's clip was filmed now; null: it can. */
export const lineUpBlocked = (session: EditSession, scene: Scene) =>
  blocked(session, scene, { clip: true, song: true });

const sameFraming = (one: Framing, other: Framing) =>
  one.mode === other.mode &&
  one.background === other.background &&
  one.x === other.x &&
  one.y === other.y &&
  one.scale === other.scale;

/** Whether a scene shows its whole original clip as it was brought, without lip-sync. */
export function showsOriginal(scene: Scene): boolean {
  const { originalTake: original, currentTake: current, window } = scene;
  if (original === null || current?.id === original.id) return true;
  const whole = original.window ?? defaultWindow;
  return (
    current?.kind !== 'lipsynced' &&
    scene.slotFrames === (original.sourceFrames ?? original.frames) &&
    window.inFrame === whole.inFrame &&
    window.speed === whole.speed &&
    sameFraming(window.framing, whole.framing)
  );
}

/**
 * The frame of a scene's clip under the playhead, where it could be split: 1 … frames − 1, counted from
 * the clip's first; null when the playhead isn't inside it.
 */
export function splitFrame(session: EditSession, scene: Scene): number | null {
  if (scene.startFrame === null || scene.frames === null) return null;
  const frame = frameAt(session.preview.time, session.fps) - scene.startFrame;
  return frame >= 1 && frame <= scene.frames - 1 ? frame : null;
}

/** Why a scene can't be split at the playhead now; null: it can. */
export const splitBlocked = (session: EditSession, scene: Scene): string | null =>
  blocked(session, scene, { clip: true }) ??
  (splitFrame(session, scene) === null ? i18n.t.editor.playheadOutside : null);

export type LipsyncState = {
  kind: 'none' | 'fresh' | 'stale' | 'running' | 'failed';
  /** The running lip-sync. */
  job: Job | null;
  /** Why it is stale, or what went wrong. */
  reason: string | null;
  /** Why none can be started now. */
  blocked: string | null;
};

/** How it stands with a scene's lip-sync. */
export function lipsyncState(session: EditSession, scene: Scene): LipsyncState {
  const job = session.store.sceneJob(scene.id);
  const running = job?.kind === 'lipsync' ? job : null;
  const stale = scene.lipsync?.staleReason ?? null;
  const failed = scene.lastError?.kind === 'lipsync' ? errorWords(scene.lastError, i18n.t).text : null;
  const kind =
    running !== null
      ? 'running'
      : failed !== null
        ? 'failed'
        : scene.lipsync === null
          ? 'none'
          : scene.lipsync.stale
            ? 'stale'
            : 'fresh';
  return {
    kind,
    job: running,
    reason: failed ?? (stale === null ? null : i18n.t.edit.stale[stale]),
    blocked: lipsyncBlocked(session, scene),
  };
}
