import { objectPrefixes } from '../shared/object-prefixes';

/** Where objects lie in S3. Each key holds a fresh id, so none is ever used twice. */
const { projects, videos, images, shared } = objectPrefixes;

export const sourceKey = (projectId: string, id: string, ending: string) =>
  `${projects}${projectId}/sources/${id}.${ending}`;

export const takeKey = (projectId: string, sceneId: string, takeId: string, ending = 'mp4') =>
  `${projects}${projectId}/scenes/${sceneId}/${takeId}.${ending}`;

/** Each making of pictures has an id of its own: two at once don't write one key. */
export const posterKey = (projectId: string, id: string) => `${projects}${projectId}/pictures/${id}.jpg`;

export const filmstripKey = (projectId: string, id: string) =>
  `${projects}${projectId}/pictures/${id}-strip.jpg`;

export const songKey = (projectId: string, songId: string, ending: 'wav' | 'm4a') =>
  `${projects}${projectId}/songs/${songId}.${ending}`;

export const compositionKey = (projectId: string, id: string) => `${projects}${projectId}/final/${id}.mp4`;

/** What a provider fetches while a job runs; deleted afterwards. `ending` has its dot. */
export const sharedKey = (jobId: string, id: string, ending: string) => `${shared}${jobId}/${id}${ending}`;

export const imageKey = (id: string, ending: string) => `${images}${id}.${ending}`;

export const videoSourceKey = (id: string) => `${videos}${id}-source.mp4`;

export const videoKey = (id: string) => `${videos}${id}.mp4`;

export const videoSoundKey = (id: string) => `${videos}${id}.wav`;
