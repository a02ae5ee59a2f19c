import type { Scene } from '#contract/scene.schema';
import type { Take } from '#contract/take.schema';
import { pickFiles } from '#lib/components/pick-file.ts';
import { toast } from '#lib/components/toast.ts';
import type { GenerateChoice, LipsyncChoice } from '#lib/edit/edit-api.ts';
import type { EditSession } from '#lib/edit/edit-session.svelte.ts';
import { i18n } from '#lib/text/i18n.svelte.ts';
import { focusSceneSoon, revealScene } from './scene-focus.ts';
import { moved, movedTogether } from './scene-order.rules.ts';
import { blocked, splitBlocked, splitFrame } from './scene-rules.ts';

/** Puts several scenes at a cut between scenes (0 is before the first), in the order they have. */
export async function moveScenes(session: EditSession, scenes: readonly Scene[], cut: number): Promise<void> {
  const before = session.scenes.map((other) => other.id);
  const ids = new Set(scenes.map((scene) => scene.id));
  const after = movedTogether(before, ids, cut);
  if (after.every((id, at) => id === before[at])) return;
  if (await session.attempt(() => session.api.reorder(after))) {
    session.announcement = i18n.t.editor.movedTo(after.findIndex((id) => ids.has(id)) + 1, after.length);
  }
}

/** Puts a scene at a cut between scenes; one of several that are selected takes the others along. */
export async function dropScene(session: EditSession, scene: Scene, cut: number): Promise<void> {
  const { selected, selection } = session;
  if (selected.has(scene.id) && selection.length > 1) await moveScenes(session, selection, cut);
  else await moveScene(session, scene, cut > scene.sequence - 1 ? cut - 1 : cut);
}

/** Moves the scenes that are selected by one place. */
export async function moveSelection(session: EditSession, by: 1 | -1): Promise<void> {
  const { selection } = session;
  const [first, last] = [selection[0], selection.at(-1)];
  if (first === undefined || last === undefined) return;
  const cut = by === 1 ? last.sequence + 1 : first.sequence - 2;
  if (cut >= 0 && cut <= session.scenes.length) await dropScene(session, first, cut);
}

/** Takes the scene before or after the chosen one into the selection, too. */
export function extendSelection(session: EditSession, by: 1 | -1): void {
  const at = session.scenes.findIndex((scene) => scene.id === session.chosen?.id);
  const scene = session.scenes[at + by];
  if (scene === undefined) return;
  session.select(scene, { range: true });
  void revealScene(scene);
}

/** Chooses a scene that was pressed; with Shift or Ctrl it is selected together with others. */
export function pressScene(session: EditSession, scene: Scene, event: MouseEvent): void {
  if (event.shiftKey) session.select(scene, { range: true });
  else if (event.ctrlKey || event.metaKey) session.select(scene);
  else session.choose(scene, { seek: true });
}

/** Seconds of a new scene, until its clip or its edges say otherwise. */
const NEW_SCENE_SECONDS = 5;

/** Adds a scene at the end, chooses it and brings it into view. */
export async function addScene(session: EditSession): Promise<void> {
  await session.attempt(async () => {
    const { id } = await session.api.addScene({ plannedDuration: NEW_SCENE_SECONDS });
    await session.store.refresh();
    const scene = session.scenes.find((candidate) => candidate.id === id);
    if (scene === undefined) return;
    // Its card comes last.
    session.staged.finish();
    session.choose(scene, { seek: true });
    session.announcement = i18n.t.editor.added(scene.sequence);
    await revealScene(scene);
  });
}

/** Puts a scene at another place (0-based), for everyone who looks at the project. */
export async function moveScene(session: EditSession, scene: Scene, to: number): Promise<void> {
  const before = session.scenes.map((other) => other.id);
  const from = before.indexOf(scene.id);
  const after = moved(before, from, to);
  if (from === -1 || after.indexOf(scene.id) === from) return;
  // It stays the one that keys mean, wherever it is now.
  session.choose(scene);
  if (await session.attempt(() => session.api.reorder(after))) {
    session.announcement = i18n.t.editor.movedTo(after.indexOf(scene.id) + 1, after.length);
  }
}

/** Saves a scene's words. They never start any work. */
export async function savePrompt(session: EditSession, scene: Scene, prompt: string): Promise<boolean> {
  if (scene.prompt === prompt) return true;
  return session.attempt(() => session.api.updateScene(scene.sequence, { prompt }));
}

/** Shows another version of a scene's clip. @throws ApiError what the API refused */
export async function chooseTake(session: EditSession, scene: Scene, take: Pick<Take, 'id'>): Promise<void> {
  await session.api.selectTake(scene.sequence, take.id);
  await session.store.refresh();
}

/** Says whether a scene is to be lip-synced; what is seen and heard in it does not count then. */
export async function setNeedsLipSync(session: EditSession, scene: Scene, needs: boolean): Promise<void> {
  // Where that is what was seen and heard, nothing needs to be said any more.
  const automatic = scene.lipsync !== null || !['no-face', 'no-voice'].includes(scene.singing);
  const needsLipSync = needs === automatic ? null : needs;
  await session.attempt(async () => {
    await session.api.updateScene(scene.sequence, { needsLipSync });
    await session.store.refresh();
  });
}

/** Starts a lip-sync. @throws ApiError what the API refused */
export async function startLipsync(session: EditSession, scene: Scene, choice: LipsyncChoice): Promise<void> {
  await session.startJob(() => session.api.lipsync(scene.sequence, choice));
}

/**
 * Shows another part of a scene's original clip. With another length the scenes after it move; `slotFrames` null:
 * the scene keeps its own. @throws ApiError what the API refused
 */
export async function startTrim(
  session: EditSession,
  scene: Scene,
  inFrame: number,
  slotFrames: number | null,
): Promise<void> {
  await session.api.changeWindow(scene.sequence, slotFrames === null ? { inFrame } : { inFrame, slotFrames });
  await session.store.refresh();
}

/** Starts making a new image or clip for a scene. @throws ApiError what the API refused */
export async function startGenerated(
  session: EditSession,
  scene: Scene,
  kind: 'image' | 'video',
  choice: GenerateChoice,
): Promise<void> {
  await session.startJob(() => session.api.generate(kind, scene.sequence, choice));
}

/** Cuts a scene in two at the playhead. */
export async function splitScene(session: EditSession, scene: Scene): Promise<void> {
  const frame = splitFrame(session, scene);
  if (frame === null) return;
  session.preview.pause();
  await session.attempt(async () => {
    session.store.show(await session.api.splitScene(scene.sequence, frame));
  });
}

/** Cuts the scene under the playhead in two, or says why that can't be done. */
export async function splitAtPlayhead(session: EditSession): Promise<void> {
  const { moment } = session.preview;
  const scene = moment.kind === 'end' ? null : (session.scenes[moment.index] ?? null);
  if (scene === null) return;
  const reason = splitBlocked(session, scene);
  if (reason === null) await splitScene(session, scene);
  else toast.bad(i18n.t.common.unavailable(reason));
}

/** An empty scene after the last one that is selected; it is the chosen one then. */
export async function insertAfter(session: EditSession): Promise<void> {
  const last = session.selection.at(-1);
  const sequence = (last?.sequence ?? 0) + 1;
  await session.attempt(() => session.api.addScene({ plannedDuration: NEW_SCENE_SECONDS, sequence }));
  const added = session.scenes[sequence - 1];
  if (added === undefined) return;
  session.choose(added, { seek: true });
  session.announcement = i18n.t.timeline.inserted(sequence);
  if (added.sequence > session.staged.count) session.staged.finish();
  await revealScene(added);
}

/** Asks whether the selected scenes may be deleted, or says why they can't be now. */
export function askToDelete(session: EditSession): string | null {
  const [first] = session.selection;
  if (first === undefined) return null;
  const reason =
    session.selection.map((scene) => blocked(session, scene)).find((why) => why !== null) ?? null;
  if (reason === null) session.dialogs.openDialog('delete', first);
  else toast.bad(i18n.t.common.unavailable(reason));
  return reason;
}

/** Deletes scenes; what comes after moves up. @throws ApiError what the API refused */
export async function removeScenes(session: EditSession, scenes: readonly Scene[]): Promise<void> {
  const [first] = scenes;
  if (first === undefined) return;
  if (scenes.length === 1) return removeScene(session, first);
  session.store.show(await session.api.removeScenes(scenes.map(({ id }) => id)));
  session.selected.clear();
  session.announcement = i18n.t.timeline.deletedMany(scenes.length);
  const next = session.scenes[Math.min(first.sequence, session.scenes.length) - 1];
  if (next === undefined) return;
  session.choose(next);
  focusSceneSoon(next);
}

/** Deletes a scene; keys go on at the one in its place. @throws ApiError what the API refused */
export async function removeScene(session: EditSession, scene: Scene): Promise<void> {
  await session.api.removeScene(scene.sequence);
  await session.store.refresh();
  const next = session.scenes[Math.min(scene.sequence, session.scenes.length) - 1];
  session.announcement = i18n.t.editor.deleted(scene.sequence);
  if (next === undefined) return;
  session.choose(next);
  focusSceneSoon(next);
}

/** Puts a copy of a scene, with all its versions, behind it. */
export async function duplicateScene(session: EditSession, scene: Scene): Promise<void> {
  await session.attempt(() => session.api.duplicateScene(scene.sequence));
}

/** Asks for a file and brings it to a scene. */
export async function pickFor(session: EditSession, scene: Scene, kind: 'clip' | 'image'): Promise<void> {
  const [file] = await pickFiles({ accept: kind === 'clip' ? 'video/*' : 'image/*' });
  if (file === undefined) return;
  await session.bringIn.take([file], { at: 'scene', sceneId: scene.id }, { chosen: true });
}

/** Shows a scene's clip as it is; its lip-sync stays among the versions. */
export async function removeLipsync(session: EditSession, scene: Scene): Promise<void> {
  await session.attempt(() => session.api.removeLipsync(scene.sequence));
}
