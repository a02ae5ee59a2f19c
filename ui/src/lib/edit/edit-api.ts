import type { GenerateImage, GenerateVideo } from '#contract/generate.schema';
import type { Job } from '#contract/job.schema';
import type { BatchLipsync } from '#contract/lipsync.schema';
import type { Project } from '#contract/project.schema';
import type { BatchEstimate, Estimate, ProviderChoice } from '#contract/provider.schema';
import type { Scene } from '#contract/scene.schema';
import type { Take } from '#contract/take.schema';
import { errorOf, unreachable } from '../api/errors.ts';

export type LipsyncChoice = {
  temperature: number;
  active_speaker_detection: boolean;
  occlusion_detection_enabled: boolean;
  speaker?: { x: number; y: number };
} & ProviderChoice;
/** Lip-sync of many scenes; `needed` are those never synced and the stale ones. */
export type BatchChoice = LipsyncChoice & { scenes: 'all' | 'stale' | 'needed' | number[] };
export type GenerateChoice = Partial<GenerateImage & GenerateVideo>;

/** @throws ApiError the API's own error, or `Unreachable` */
async function call<Body>(method: string, path: string, json?: unknown): Promise<Body> {
  let response: Response;
  try {
    response = await fetch(`/api/mv${path}`, {
      method,
      headers: {
        Prefer: 'respond-async',
        ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
  } catch {
    throw unreachable();
  }
  const text = await response.text();
  if (!response.ok) throw errorOf(response.status, text);
  return JSON.parse(text === '' ? 'null' : text);
}

/** What the edit page does to one project; long work answers with its job at once. */
export function editApi(projectId: string) {
  const project = `/projects/${projectId}`;
  const scene = (sequence: number) => `${project}/scenes/${sequence}`;
  return {
    addScene: (fields: { prompt?: string; plannedDuration?: number }) =>
      call<Scene>('POST', `${project}/scenes`, fields),
    updateScene: (sequence: number, fields: { prompt?: string; plannedDuration?: number | null }) =>
      call<Scene>('PATCH', scene(sequence), fields),
    duplicateScene: (sequence: number) => call<{ scene: Scene }>('POST', `${scene(sequence)}/duplicate`),
    /** @param frame of the scene's current clip: the first of the second half */
    splitScene: (sequence: number, frame: number) => call<Job>('POST', `${scene(sequence)}/split`, { frame }),
    removeScene: (sequence: number) => call<null>('DELETE', scene(sequence)),
    reorder: (sceneIds: string[]) => call<Project>('PATCH', `${project}/scenes/reorder`, { sceneIds }),
    trim: (sequence: number, inFrame: number, outFrame: number) =>
      call<Job>('POST', `${scene(sequence)}/trim`, { inFrame, outFrame }),
    lipsync: (sequence: number, choice: LipsyncChoice) =>
      call<Job>('POST', `${project}/lipsync/${sequence}`, choice),
    lipsyncAll: (choice: BatchChoice) => call<BatchLipsync>('POST', `${project}/lipsync`, choice),
    generate: (kind: 'image' | 'video', sequence: number, choice: GenerateChoice) =>
      call<Job>('POST', `${scene(sequence)}/generate_${kind}`, choice),
    /** What a call would cost; the body is the call's own, and nothing is started. */
    estimateLipsync: (sequence: number, body: Record<string, unknown>) =>
      call<Estimate>('POST', `${project}/lipsync/${sequence}/estimate`, body),
    estimateBatch: (body: Record<string, unknown>) =>
      call<BatchEstimate>('POST', `${project}/lipsync/estimate`, body),
    estimateGenerate: (kind: 'image' | 'video', sequence: number, body: Record<string, unknown>) =>
      call<Estimate>('POST', `${scene(sequence)}/generate_${kind}/estimate`, body),
    takes: (sequence: number) => call<{ takes: Take[] }>('GET', `${scene(sequence)}/takes`),
    selectTake: (sequence: number, takeId: string) =>
      call<Scene>('POST', `${scene(sequence)}/takes/${takeId}/select`),
    compose: () => call<Job>('POST', `${project}/compose`),
    cancel: (jobId: string) => call<Job>('POST', `/jobs/${jobId}/cancel`),
    job: (jobId: string) => call<Job>('GET', `/jobs/${jobId}`),
    retry: (jobId: string) => call<Job>('POST', `/jobs/${jobId}/retry`),
    peaks: () => call<{ peaks: number[] }>('GET', `${project}/audio/peaks`),
  };
}
export type EditApi = ReturnType<typeof editApi>;
