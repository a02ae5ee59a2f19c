import type { Format } from '../contract/format.schema';
import type { Job } from '../contract/job.schema';
import type { FinalVideo, Project, ProjectSummary, Song } from '../contract/project.schema';
import type { Scene } from '../contract/scene.schema';
import type { AudioSegment, Take } from '../contract/take.schema';
import type { TimelinePlace } from '../contract/timeline-change.schema';
import { framesToSeconds } from '../shared/frames';
import { cutText } from '../shared/text';
import { type CompositionRow, isOutOfDate } from './compositions.rules';
import { isFitJob } from './fit-jobs.rules';
import type { ImageRow } from './images.repository';
import { keptLipsync } from './kept-lipsync.rules';
import { syncOf } from './lipsync.rules';
import type { ProjectRow, SongRow } from './projects.rules';
import {
  layOutTimeline,
  type SceneLastError,
  type ScenePlace,
  type SceneRow,
  songFrames,
  timelineFrames,
} from './scenes.rules';
import type { SceneSinging } from './singing.rules';
import type { SingingOf } from './singing.view';
import type { TakeRow } from './takes.rules';
import { isFitting, missingFrames, sourceFramesOf, windowOf } from './window.rules';

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
    window: take.window,
    sourceStart: take.sourceStart,
    sourceFrames: take.sourceFrames,
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

/** How far a scene's clip fills its slot. */
function presentClip(
  scene: SceneRow,
  format: Format,
): Pick<Scene, 'sourceFrames' | 'missingFrames' | 'fitting'> {
  const { originalTake, slotFrames } = scene;
  if (originalTake === null || slotFrames === null) {
    return { sourceFrames: null, missingFrames: 0, fitting: false };
  }
  const wanted = { window: windowOf(scene), slotFrames };
  const sourceFrames = sourceFramesOf(originalTake);
  return {
    sourceFrames,
    missingFrames: missingFrames(wanted, sourceFrames),
    fitting: isFitting(scene, format),
  };
}

function presentKept(take: TakeRow | null) {
  const kept = keptLipsync(take);
  if (kept === null) return null;
  const { provider = null, model = null } = kept.choice;
  return { options: kept.options, provider, model };
}

export async function presentScene(
  scene: SceneRow,
  context: {
    project: ProjectRow;
    place: ScenePlace;
    activeJob: Job | null;
    fitJob: Job | null;
    lastError: SceneLastError;
    singing: SceneSinging;
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
  const sync = syncOf(
    scene,
    place,
    song === null ? null : { id: song.id, frames: songFrames(song, fps) },
    project,
  );
  const endFrame =
    place.startFrame === null || place.frames === null ? null : place.startFrame + place.frames;
  return {
    id: scene.id,
    sequence: scene.sequence,
    prompt: scene.prompt,
    negativePrompt: scene.negativePrompt,
    plannedDuration: scene.slotFrames === null ? null : framesToSeconds(scene.slotFrames, fps),
    slotFrames: scene.slotFrames,
    window: windowOf(scene),
    framedByHand: scene.window !== null && scene.window.framing.x !== null,
    ...presentClip(scene, project),
    fitJob: context.fitJob,
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
      sync === null
        ? null
        : {
            stale: sync.staleReason !== null,
            staleReason: sync.staleReason,
            madeFor:
              sync.madeFor === null
                ? null
                : presentSegment(sync.madeFor.startFrame, sync.madeFor.endFrame, fps),
            madeWith: presentKept(scene.lipsyncTake),
          },
    ...context.singing,
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
      scenes: scenes.map(({ currentTake, slotFrames }) => ({
        takeId: currentTake?.id ?? null,
        frames: slotFrames ?? currentTake?.frames ?? null,
      })),
    }),
    composedWith: composition.timeline.how ?? null,
    createdAt: composition.createdAt.toISOString(),
  };
}

export async function presentProject(
  project: ProjectRow,
  context: {
    scenes: SceneRow[];
    activeJobs: Job[];
    lastErrors: Map<string, SceneLastError>;
    singingOf: SingingOf;
    composition: CompositionRow | null;
    images: ImageRow[];
    timeline: TimelinePlace;
    presign: Presign;
  },
): Promise<Project> {
  const { scenes, presign } = context;
  const places = layOutTimeline(scenes);
  const placeOf = new Map(places.map((place) => [place.sceneId, place]));
  const jobs = Map.groupBy(context.activeJobs, (job) => job.sceneId);
  const jobOf = (scene: SceneRow, isFit: boolean) =>
    jobs.get(scene.id)?.find((job) => isFitJob(job) === isFit) ?? null;
  const frames = timelineFrames(places);
  const presented = await Promise.all(
    scenes.map((scene) => {
      const place = placeOf.get(scene.id) ?? {
        sceneId: scene.id,
        sequence: scene.sequence,
        startFrame: null,
        frames: null,
      };
      return presentScene(scene, {
        project,
        place,
        activeJob: jobOf(scene, false),
        fitJob: jobOf(scene, true),
        lastError: context.lastErrors.get(scene.id) ?? null,
        singing: context.singingOf(scene, place),
        presign,
      });
    }),
  );
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
    scenes: presented,
    heldScenes: presented.filter(({ missingFrames }) => missingFrames > 0).map(({ sequence }) => sequence),
    activeJobs: context.activeJobs.filter((job) => job.sceneId === null),
    finalVideo:
      context.composition === null
        ? null
        : await presentFinalVideo(context.composition, project, scenes, presign),
    timeline: context.timeline,
  };
}
