import type { InferRequestType } from 'hono/client';
import type { ComposeOptions } from '#contract/compose.schema';
import { api, body, started } from '#lib/api/client.ts';

const project = api.projects[':projectId'];
const scene = project.scenes[':sequence'];

/** The JSON body that a call takes. */
type JsonOf<Call> = InferRequestType<Call> extends { json?: infer Json } ? Exclude<Json, undefined> : never;

export type LipsyncChoice = JsonOf<(typeof project.lipsync)[':sequence']['$post']>;
/** Lip-sync of many scenes; `needed` are those never synced and the stale ones. */
export type BatchChoice = JsonOf<typeof project.lipsync.$post>;
export type GenerateChoice = JsonOf<typeof scene.generate_video.$post>;
export type WindowChange = JsonOf<typeof scene.window.$put>;
type RollChoice = JsonOf<typeof scene.roll.$post>;
type NewScene = JsonOf<typeof project.scenes.$post>;
type SceneFields = JsonOf<typeof scene.$patch>;
type MediaUse = JsonOf<(typeof project.media)[':mediaId']['use']['$post']>;
type MediaReplacement = JsonOf<(typeof project.media)[':mediaId']['replace']['$post']>;
type ProjectFields = JsonOf<typeof project.$patch>;

/** What the edit page does to one project; long work answers with its job at once. */
export function editApi(projectId: string) {
  const param = { projectId };
  const at = (sequence: number) => ({ projectId, sequence: String(sequence) });
  return {
    updateProject: (json: ProjectFields) => body(project.$patch({ param, json })),
    addScene: (json: NewScene) => body(project.scenes.$post({ param, json })),
    updateScene: (sequence: number, json: SceneFields) => body(scene.$patch({ param: at(sequence), json })),
    duplicateScene: (sequence: number) => body(scene.duplicate.$post({ param: at(sequence) })),
    /** @param frame of the scene's current clip: the first of the second half */
    splitScene: (sequence: number, frame: number) =>
      body(scene.split.$post({ param: at(sequence), json: { frame } })),
    async removeScene(sequence: number): Promise<void> {
      await scene.$delete({ param: at(sequence) });
    },
    /** Several scenes, as one change. */
    removeScenes: (sceneIds: string[]) => body(project.scenes.delete.$post({ param, json: { sceneIds } })),
    reorder: (sceneIds: string[]) => body(project.scenes.reorder.$patch({ param, json: { sceneIds } })),
    /** Changes how a scene's clip fills it, or its length; what shows it is made after. */
    changeWindow: (sequence: number, json: WindowChange) =>
      body(scene.window.$put({ param: at(sequence), json })),
    /** Moves the cut between a scene and a neighbour. */
    roll: (sequence: number, json: RollChoice) => body(scene.roll.$post({ param: at(sequence), json })),
    /** Where clips were filmed in the song, as far as is known; `recut`: as if all scenes were empty. */
    lineUp: (recut: boolean) =>
      body(project['line-up'].$get({ param, query: recut ? { recut: 'true' } : {} })),
    startLineUp: () => started(project['line-up'].$post({ param, json: {} })),
    startSceneLineUp: (sequence: number) =>
      started(scene['line-up'].$post({ param: at(sequence), json: {} })),
    applyLineUp: (scenes: number[], recut: boolean) =>
      body(project['line-up'].apply.$post({ param, json: { scenes, recut } })),
    lipsync: (sequence: number, json: LipsyncChoice) =>
      started(project.lipsync[':sequence'].$post({ param: at(sequence), json })),
    lipsyncAll: (json: BatchChoice) => started(project.lipsync.$post({ param, json })),
    generate: (kind: 'image' | 'video', sequence: number, json: GenerateChoice) =>
      started(scene[`generate_${kind}`].$post({ param: at(sequence), json })),
    /** What a call would cost; the body is the call's own, and nothing is started. */
    estimateLipsync: (sequence: number, json: LipsyncChoice) =>
      body(project.lipsync[':sequence'].estimate.$post({ param: at(sequence), json })),
    estimateBatch: (json: BatchChoice) => body(project.lipsync.estimate.$post({ param, json })),
    estimateGenerate: (kind: 'image' | 'video', sequence: number, json: GenerateChoice) =>
      body(scene[`generate_${kind}`].estimate.$post({ param: at(sequence), json })),
    takes: (sequence: number) => body(scene.takes.$get({ param: at(sequence) })),
    selectTake: (sequence: number, takeId: string) =>
      body(scene.takes[':takeId'].select.$post({ param: { projectId, sequence: String(sequence), takeId } })),
    media: () => body(project.media.$get({ param })),
    async deleteMedia(mediaId: string): Promise<void> {
      await project.media[':mediaId'].$delete({ param: { projectId, mediaId } });
    },
    useMedia: (mediaId: string, json: MediaUse) =>
      body(project.media[':mediaId'].use.$post({ param: { projectId, mediaId }, json })),
    replaceMedia: (mediaId: string, json: MediaReplacement) =>
      body(project.media[':mediaId'].replace.$post({ param: { projectId, mediaId }, json })),
    /** @param expectedRevision the one that is shown: it is refused when there is another by now */
    undo: (expectedRevision: number) => body(project.undo.$post({ param, json: { expectedRevision } })),
    redo: (expectedRevision: number) => body(project.redo.$post({ param, json: { expectedRevision } })),
    bin: () => body(project.bin.$get({ param })),
    restore: (itemId: string) => body(project.bin[':itemId'].restore.$post({ param: { projectId, itemId } })),
    /** The clip as it is; the lip-sync stays among the versions. */
    removeLipsync: (sequence: number) => body(project.lipsync[':sequence'].$delete({ param: at(sequence) })),
    compose: (json: Partial<ComposeOptions>) => started(project.compose.$post({ param, json })),
    cancel: (jobId: string) => body(api.jobs[':jobId'].cancel.$post({ param: { jobId } })),
    job: (jobId: string) => body(api.jobs[':jobId'].$get({ param: { jobId } })),
    dismiss: (jobId: string) => body(api.jobs[':jobId'].dismiss.$post({ param: { jobId } })),
    retry: (jobId: string) => body(api.jobs[':jobId'].retry.$post({ param: { jobId } })),
    exports: () => body(project.exports.$get({ param })),
    structure: () => body(project.song.structure.$get({ param })),
    peaks: () => body(project.audio.peaks.$get({ param })),
  };
}
export type EditApi = ReturnType<typeof editApi>;
