/** `preparing`: the file has arrived and the studio works on it. `interrupted`: it needs its file again. */
export const uploadStates = ['waiting', 'uploading', 'preparing', 'done', 'failed', 'interrupted'] as const;
export type UploadState = (typeof uploadStates)[number];

export type UploadProblem = { code: string; status: number; message: string };

/** What is remembered of an upload over a reload. */
export type SavedUpload = {
  id: string;
  name: string;
  /** Bytes. */
  size: number;
  /** Milliseconds. */
  lastModified: number;
  kind: 'clip' | 'image' | 'song';
  sceneId: string | null;
  /** Whether it becomes one of the project's media, without a scene. */
  toMedia: boolean;
  state: UploadState;
  jobId: string | null;
  problem: UploadProblem | null;
};

/** Files are sent so many at a time: the browser has six connections, and the page needs two. */
export const AT_ONCE = 3;

/** Those that may begin now, in order: a few are sent at a time, the others wait. */
export function nextToSend<Entry extends { state: UploadState }>(entries: readonly Entry[]): Entry[] {
  const sending = entries.filter((entry) => entry.state === 'uploading').length;
  return entries.filter((entry) => entry.state === 'waiting').slice(0, Math.max(0, AT_ONCE - sending));
}

/** Whether leaving the page would stop it. */
export const needsPage = (state: UploadState): boolean => state === 'waiting' || state === 'uploading';

/** What becomes of an upload after a reload, when the browser still has its file and when not. */
export function stateAfterReload(state: UploadState, hasFile: boolean): UploadState {
  if (!needsPage(state)) return state;
  return hasFile ? 'waiting' : 'interrupted';
}

/** Refusals that the same file would meet again: only another file helps. */
const aboutTheFile = [400, 413, 415, 422];

/** Whether sending the same again can help. */
export const canTryAgain = (problem: UploadProblem | null): boolean =>
  problem === null || !aboutTheFile.includes(problem.status);

/** Whether a file is the one that was begun with: browsers tell no path. */
export const isSameFile = (
  file: { name: string; size: number },
  saved: Pick<SavedUpload, 'name' | 'size'>,
): boolean => file.name === saved.name && file.size === saved.size;

const isText = (value: unknown) => typeof value === 'string';
const isTextOrNull = (value: unknown) => value === null || isText(value);

function isSaved(value: unknown): value is SavedUpload {
  if (typeof value !== 'object' || value === null) return false;
  const field = (name: string): unknown => Reflect.get(value, name);
  const states: readonly unknown[] = uploadStates;
  return (
    isText(field('id')) &&
    isText(field('name')) &&
    typeof field('size') === 'number' &&
    typeof field('lastModified') === 'number' &&
    ['clip', 'image', 'song'].some((kind) => kind === field('kind')) &&
    isTextOrNull(field('sceneId')) &&
    typeof field('toMedia') === 'boolean' &&
    states.includes(field('state')) &&
    isTextOrNull(field('jobId')) &&
    typeof field('problem') === 'object'
  );
}

/** What was saved; nothing when it is not in the form that this version writes. */
export function readSavedUploads(text: string | null): SavedUpload[] {
  if (text === null) return [];
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.filter(isSaved) : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
