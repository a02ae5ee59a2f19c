import { AppError } from '../shared/errors';
import { cutText } from '../shared/text';

export const projectNotFound = (projectId: string) =>
  new AppError({
    code: 'ProjectNotFound',
    message: `There is no project "${cutText(projectId, 80)}". GET /api/mv/projects lists the ids of all projects.`,
  });

export const sceneNotFound = (sequence: string, sceneCount: number) =>
  new AppError({
    code: 'SceneNotFound',
    message:
      sceneCount === 0
        ? `There is no scene "${cutText(sequence, 80)}": this project has no scenes yet. Add one first.`
        : `There is no scene "${cutText(sequence, 80)}": this project's scenes are numbered 1 to ${sceneCount}.`,
  });

export const projectHasNoSong = () =>
  new AppError({
    code: 'ProjectHasNoSong',
    message: 'This project has no song yet. Upload one with PUT /api/mv/projects/{id}/audio.',
  });

export const sceneHasNoVideo = (sequence: number) =>
  new AppError({
    code: 'SceneHasNoVideo',
    message: `Scene ${sequence} has no clip yet. Upload one with POST /api/mv/projects/{id}/scenes/${sequence}/upload_video.`,
  });

export const sceneHasNoLength = (sequence: number) =>
  new AppError({
    code: 'SceneHasNoLength',
    message: `Scene ${sequence} has no clip and no planned duration, so the scenes after it have no start time. Add a clip or set a duration.`,
    details: { sequence },
  });

export const sliceOutsideSong = (sequence: number, startSeconds: number, songSeconds: number) =>
  new AppError({
    code: 'SliceOutsideSong',
    message: `Scene ${sequence} starts at ${startSeconds.toFixed(3)} s, after the song ends at ${songSeconds.toFixed(3)} s. Move or shorten scenes, or upload a longer song.`,
    details: { startSeconds, songSeconds },
  });

export const formatInUse = () =>
  new AppError({
    code: 'FormatInUse',
    message:
      'The format can’t be changed once the project has clips. Create a new project to use another format.',
  });

export const projectBusy = (jobIds: string[]) =>
  new AppError({
    code: 'ProjectBusy',
    message: 'Jobs are still running on this project. Wait for them to finish, or cancel them first.',
    details: { jobIds },
  });

export const sceneBusy = (sequence: number, jobId: string) =>
  new AppError({
    code: 'SceneBusy',
    message: `A job is running on scene ${sequence} (job ${jobId}). Wait for it to finish, or cancel it first.`,
    details: { jobId },
  });

export const tooManyScenes = (most: number) =>
  new AppError({
    code: 'TooManyScenes',
    message: `A project can have up to ${most} scenes. Delete some, or continue in another project.`,
    details: { most },
  });

export const tooManyMedia = (most: number) =>
  new AppError({
    code: 'TooManyMedia',
    message: `A project can have up to ${most} clips and images without a scene. Delete some, or use them in scenes.`,
    details: { most },
  });

export const scenesWithoutVideo = (sequences: number[]) =>
  new AppError({
    code: 'ScenesWithoutVideo',
    message: `These scenes have no clip yet: ${sequences.join(', ')}. Upload clips for them or delete them, then compose.`,
    details: { sequences },
  });

const scenesNamed = (sequences: number[]) =>
  sequences.length === 1 ? `Scene ${sequences[0]}` : `Scenes ${sequences.join(', ')}`;

/** What a job shows while it waits for clips to be fitted to their scenes. */
export const clipIsFitted = (sequences: number[]) =>
  new AppError({
    code: 'ClipNotFitted',
    message: `${scenesNamed(sequences)}: the clip is being fitted to the scene. This goes on by itself when it is done.`,
    details: { sequences },
  });

/** Why a job that needs a fitted clip can't go on. */
export const clipNotFitted = (sequences: number[], failed: { error: { message: string } | null }) =>
  new AppError({
    code: 'ClipNotFitted',
    message:
      `${scenesNamed(sequences)}: the clip could not be fitted to the scene. ${failed.error?.message ?? ''}`.trim(),
    details: { sequences },
  });

export const badOrder = (details: { missing: string[]; unknown: string[]; repeated: string[] }) =>
  new AppError({
    code: 'BadOrder',
    message: `sceneIds must name every scene exactly once: ${[
      details.missing.length > 0 ? `missing ${details.missing.join(', ')}` : '',
      details.unknown.length > 0 ? `not of this project ${details.unknown.join(', ')}` : '',
      details.repeated.length > 0 ? `more than once ${details.repeated.join(', ')}` : '',
    ]
      .filter((part) => part !== '')
      .join('; ')}.`,
    details,
  });

export const takeNotFound = (takeId: string) =>
  new AppError({
    code: 'TakeNotFound',
    message: `This scene has no take "${cutText(takeId, 80)}". GET …/takes lists them.`,
  });
