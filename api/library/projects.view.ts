import type { Job } from '../contract/job.schema';
import type { FinalVideo, Project, ProjectSummary, Song } from '../contract/project.schema';
import type { Scene } from '../contract/scene.schema';
import type { AudioSegment, Take } from '../contract/take.schema';
import { framesToSeconds } from '../shared/frames';
import { cutText } from '../shared/text';
import { type CompositionRow, isOutOfDate } from './compositions.rules';
import type { ImageRow } from './images.repository';
import type { ProjectRow, SongRow } from './projects.rules';
import {
  layOutTimeline,
  type SceneLastError,
  type ScenePlace,
  type SceneRow,
  songFrames,
  staleReason,
  timelineFrames,
} from './scenes.rules';
import type { TakeRow } from './takes.rules';

/** Makes the URL under which a browser can read an object. */
export type Presign = (key: string) => Promise<string>;

export function presentSegment(startFrame: number, endFrame: number, fps: number): AudioSegment {
  return {
    start: framesToSeconds(startFrame, fps),
    end: framesToSeconds(endFrame, fps),
    startFrame,
    endFrame,
  };
}

function takeSegment(take: TakeRow, fps: number): AudioSegment | null {
  return take.audioStart === null || take.audioEnd === null
    ? null
    : presentSegment(take.audioStart, take.audioEnd, fps);
}

export async function presentTake(take: TakeRow, fps: number, presign: Presign): Promise<Take> {
  return {
    id: take.id,
    kind: take.kind,
    parentId: take.parentId,
    url: await presign(take.s3Key),
    s3Key: take.s3Key,
    posterUrl: take.posterKey === null ? null : await presign(take.posterKey),
    filmstrip:
      take.filmstripKey === null || take.filmstrip === null
        ? null
        : { url: await presign(take.filmstripKey), ...take.filmstrip },
    sourceUrl: take.sourceKey === null ? null : await presign(take.sourceKey),
    sourceName: take.sourceName,
    contentType: take.contentType,
    bytes: take.bytes,
    sha256: take.sha256,
    width: take.width,
    height: take.height,
    frames: take.frames,
    duration: take.frames === null ? null : framesToSeconds(take.frames, fps),
    trim:
      take.trimIn === null || take.trimOut === null
        ? null
        : {
            inFrame: take.trimIn,
            outFrame: take.trimOut,
            in: framesToSeconds(take.trimIn, fps),
            out: framesToSeconds(take.trimOut, fps),
          },
    songId: take.songId,
    audioSegment: takeSegment(take, fps),
    madeBy: take.madeBy,
    costUsd: take.costUsd,
    createdAt: take.createdAt.toISOString(),
  };
}

export async function presentSong(song: SongRow, presign: Presign): Promise<Song> {
  return {
    id: song.id,
    fileName: song.fileName,
    duration: song.samples / song.sampleRate,
    samples: song.samples,
    sampleRate: song.sampleRate,
    channels: song.channels,
    url: await presign(song.encodedKey),
    masterUrl: await presign(song.masterKey),
    createdAt: song.createdAt.toISOString(),
  };
}

export async function presentScene(
  scene: SceneRow,
  context: {
    project: ProjectRow;
    place: ScenePlace;
    activeJob: Job | null;
    lastError: SceneLastError;
    presign: Presign;
  },
): Promise<Scene> {
  const { project, place, presign } = context;
  const { fps, song } = project;
  const [currentTake, originalTake, imageTake] = await Promise.all(
    [scene.currentTake, scene.originalTake, scene.imageTake].map((take) =>
      take === null ? null : presentTake(take, fps, presign),
    ),
  );
  const stale =
    scene.currentTake === null
      ? null
      : staleReason(
          scene.currentTake,
          place,
          song === null ? null : { id: song.id, frames: songFrames(song, fps) },
        );
  const endFrame =
    place.startFrame === null || place.frames === null ? null : place.startFrame + place.frames;
  return {
    id: scene.id,
    sequence: scene.sequence,
    prompt: scene.prompt,
    negativePrompt: scene.negativePrompt,
    plannedDuration: scene.plannedFrames === null ? null : framesToSeconds(scene.plannedFrames, fps),
    startFrame: place.startFrame,
    frames: place.frames,
    start: place.startFrame === null ? null : framesToSeconds(place.startFrame, fps),
    end: endFrame === null ? null : framesToSeconds(endFrame, fps),
    duration: place.frames === null ? null : framesToSeconds(place.frames, fps),
    videoDuration: currentTake?.duration ?? null,
    imageUrl: imageTake?.url ?? null,
    videoClipUrl: currentTake?.url ?? null,
    originalVideoClipUrl: originalTake?.url ?? null,
    currentTake: currentTake ?? null,
    originalTake: originalTake ?? null,
    imageTake: imageTake ?? null,
    lipsync:
      scene.currentTake?.kind === 'lipsynced'
        ? { stale: stale !== null, staleReason: stale, madeFor: takeSegment(scene.currentTake, fps) }
        : null,
    activeJob: context.activeJob,
    lastError: context.lastError,
    createdAt: scene.createdAt.toISOString(),
    updatedAt: scene.updatedAt.toISOString(),
  };
}

export function presentSummary(project: ProjectRow): ProjectSummary {
  const { song } = project;
  return {
    id: project.id,
    title: project.title,
    mode: project.mode,
    concept: project.concept,
    characterDescription: project.characterDescription,
    productDescription: project.productDescription,
    format: { width: project.width, height: project.height, fps: project.fps },
    budgetUsd: project.budgetUsd,
    audioBackingTrackS3Key: song?.masterKey ?? null,
    audioDuration: song === null ? null : song.samples / song.sampleRate,
    sceneCount: project.sceneCount,
    createdAt: project.createdAt.toISOString(),
    updatedAt: project.updatedAt.toISOString(),
  };
}

export async function presentFinalVideo(
  composition: CompositionRow,
  project: ProjectRow,
  scenes: SceneRow[],
  presign: Presign,
): Promise<FinalVideo> {
  const fileName = `${cutText(project.title.replace(/[^\p{L}\p{N} ._-]+/gu, '_'), 100)}.mp4`;
  return {
    id: composition.id,
    url: await presign(composition.s3Key),
    downloadUrl: `/api/mv/get_video/${composition.id}?download=${encodeURIComponent(fileName)}`,
    s3Key: composition.s3Key,
    bytes: composition.bytes,
    sha256: composition.sha256,
    frames: composition.frames,
    duration: framesToSeconds(composition.frames, composition.fps),
    width: composition.width,
    height: composition.height,
    fps: composition.fps,
    outOfDate: isOutOfDate(composition.timeline, {
      songId: project.song?.id ?? null,
      scenes: scenes.map((scene) => ({ takeId: scene.currentTake?.id ?? null })),
    }),
    createdAt: composition.createdAt.toISOString(),
  };
}

export async function presentProject(
  project: ProjectRow,
  context: {
    scenes: SceneRow[];
    activeJobs: Job[];
    lastErrors: Map<string, SceneLastError>;
    composition: CompositionRow | null;
    images: ImageRow[];
    presign: Presign;
  },
): Promise<Project> {
  const { scenes, presign } = context;
  const places = layOutTimeline(scenes);
  const placeOf = new Map(places.map((place) => [place.sceneId, place]));
  const jobOf = new Map(context.activeJobs.map((job) => [job.sceneId, job]));
  const frames = timelineFrames(places);
  return {
    ...presentSummary(project),
    characterImages: await Promise.all(
      context.images.map(async ({ id, s3Key, width, height, createdAt }) => ({
        id,
        url: await presign(s3Key),
        width,
        height,
        createdAt: createdAt.toISOString(),
      })),
    ),
    song: project.song === null ? null : await presentSong(project.song, presign),
    frames,
    duration: frames === null ? null : framesToSeconds(frames, project.fps),
    scenes: await Promise.all(
      scenes.map((scene) =>
        presentScene(scene, {
          project,
          place: placeOf.get(scene.id) ?? {
            sceneId: scene.id,
            sequence: scene.sequence,
            startFrame: null,
            frames: null,
          },
          activeJob: jobOf.get(scene.id) ?? null,
          lastError: context.lastErrors.get(scene.id) ?? null,
          presign,
        }),
      ),
    ),
    activeJobs: context.activeJobs.filter((job) => job.sceneId === null),
    finalVideo:
      context.composition === null
        ? null
        : await presentFinalVideo(context.composition, project, scenes, presign),
  };
}
