import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../../shared/errors';
import { type MouthTargets, SPEECH_SAMPLE_RATE } from './audio/audio.types';
import { decodeSound } from './audio/sound.decoder';
import { startSpeechModel } from './audio/speech.client';
import { noFaceFound } from './engine.errors';
import type { EngineContext, EngineJob } from './engine.job';
import { type EngineReport, peakMemoryBytes, reportOf } from './engine.report';
import { startFaceModels } from './faces/face.models';
import { createFaceTracker, FRAMES_IN_FLIGHT } from './faces/face.tracker';
import { decodeFrames, readAhead } from './pictures/frame.decoder';
import { type FrameEncoder, startEncoder } from './pictures/frame.encoder';
import { type YuvFrame, yuvBytes, yuvFrame } from './pictures/yuv.frame';
import { planClip } from './plan/clip.plan';
import { type ClipScan, scanClip } from './plan/clip.scan';
import type { ShotPlan } from './plan/shot.plan';
import { createClipRenderer } from './render/face.renderer';

/** Seconds of sound beyond the clip's end that are listened to: what a phrase's end needs to be known by. */
const SOUND_AFTER = 1;
/** A clip whose pictures need no more memory than this is decoded once, a longer one twice. */
const KEPT_BYTES = 100e6;

/**
 * Makes the face in a clip speak a sound. Walks through the clip twice: once to follow the faces,
 * once to draw and encode. Nothing is written before a face was found; what is written becomes the
 * output only when it is whole. Throws AppErrors, and the signal's reason when aborted.
 */
export async function runEngine(job: EngineJob, context: EngineContext): Promise<EngineReport> {
  const watch = stopwatch(context);
  const sounds = loadSounds(job, context.signal);
  // Awaited only after the scan; if that fails first, this failure must not go unheard.
  sounds.then(
    () => watch.mark('listen'),
    () => undefined,
  );
  const kept: YuvFrame[] | null = keepsPictures(job) ? [] : null;
  const scan = await scanFaces(job, kept, context, () => watch.mark('load'));
  watch.lap('track');
  if (scan.framesWithFace === 0) throw noFaceFound();
  const { targets, ownSound } = await sounds;
  const encoder = startRendering(job);
  let plans: ShotPlan[];
  try {
    plans = planClip({ scan, targets, ownSound, options: job.options, ...sizeOf(job) });
    watch.lap('plan');
    await renderClip(job, encoder, { plans, pictures: kept }, context);
  } finally {
    await encoder.abandon();
    await rm(partOf(job), { force: true });
  }
  watch.lap('render');
  return reportOf({
    frames: job.frames,
    fps: job.fps,
    scan,
    plans,
    targets,
    isVocal: job.vocalPath !== undefined,
    milliseconds: watch.laps,
    peakMemoryBytes: await peakMemoryBytes(),
  });
}

type Sounds = { targets: MouthTargets; ownSound: MouthTargets | null };

/** Listens to the slice and, to find out who speaks, to the clip's own sound. */
async function loadSounds(job: EngineJob, signal: AbortSignal): Promise<Sounds> {
  const { ffmpegPath, fps, frames, vocalPath } = job;
  const speechModel = startSpeechModel();
  try {
    const path = vocalPath ?? job.audioPath;
    const samples = await decodeSound(ffmpegPath, path, listening(job, signal));
    const targets = await speechModel.analyse(samples, { fps, frames, isVocal: vocalPath !== undefined });
    const own = job.options.active_speaker_detection ? await ownSamples(job, signal) : null;
    return { targets, ownSound: own && (await speechModel.analyse(own, { fps, frames, isVocal: false })) };
  } finally {
    speechModel.stop();
  }
}

const listening = ({ frames, fps }: EngineJob, signal: AbortSignal) => ({
  sampleRate: SPEECH_SAMPLE_RATE,
  mostSamples: Math.ceil((frames / fps + SOUND_AFTER) * SPEECH_SAMPLE_RATE),
  signal,
});

/** A clip without sound is nothing unusual: then faces are judged by their looks. */
async function ownSamples(job: EngineJob, signal: AbortSignal): Promise<Float32Array<ArrayBuffer> | null> {
  try {
    return await decodeSound(job.ffmpegPath, job.videoPath, listening(job, signal));
  } catch (error) {
    if (hasCode(error, 'UnreadableAudio')) return null;
    throw error;
  }
}

/** The first walk. With `kept`, all pictures are put in there and stay as they are. */
async function scanFaces(
  job: EngineJob,
  kept: YuvFrame[] | null,
  context: EngineContext,
  onReady: () => void,
): Promise<ClipScan> {
  const models = startFaceModels(onReady);
  // The tracker's frames in flight, the one it is given and the one read ahead.
  const buffers = kept ? job.frames : FRAMES_IN_FLIGHT + 2;
  try {
    const frames = decodeFrames(job.ffmpegPath, sourceOf(job), context.signal, Math.max(2, buffers));
    return await scanClip(
      readAhead(kept ? keeping(frames, kept) : frames),
      createFaceTracker(models.detect, models.readMesh, job),
      {
        wantsCover: job.options.occlusion_detection_enabled,
        onFrame: (count) => context.progress('tracking', count / job.frames),
      },
    );
  } finally {
    models.stop();
  }
}

async function* keeping(frames: AsyncIterable<YuvFrame>, kept: YuvFrame[]): AsyncGenerator<YuvFrame> {
  for await (const frame of frames) {
    kept.push(frame);
    yield frame;
  }
}

function keepsPictures({ frames, width, height }: EngineJob): boolean {
  return frames * yuvBytes(width, height) <= KEPT_BYTES;
}

/** The encoder gets ready while the mouths are planned. */
function startRendering(job: EngineJob): FrameEncoder {
  return startEncoder(job.ffmpegPath, { ...job, outputPath: partOf(job) });
}

async function renderClip(
  job: EngineJob,
  encoder: FrameEncoder,
  { plans, pictures }: { plans: readonly ShotPlan[]; pictures: readonly YuvFrame[] | null },
  context: EngineContext,
): Promise<void> {
  const render = createClipRenderer(plans);
  const { width, height } = job;
  const drawn = yuvFrame(width, height, new Uint8Array(yuvBytes(width, height)));
  const frames = pictures ?? readAhead(decodeFrames(job.ffmpegPath, sourceOf(job), context.signal));
  let index = 0;
  for await (const frame of frames) {
    context.signal.throwIfAborted();
    drawn.data.set(frame.data);
    render(drawn, index);
    await encoder.write(drawn);
    index++;
    context.progress('rendering', index / job.frames);
  }
  await encoder.finish();
  await rename(partOf(job), job.outputPath);
}

function partOf({ workDirectory }: EngineJob): string {
  return join(workDirectory, 'lipsynced.mp4.part');
}

function sourceOf({ videoPath, width, height, frames }: EngineJob) {
  return { path: videoPath, width, height, frames };
}

function sizeOf({ width, height }: EngineJob): { width: number; height: number } {
  return { width, height };
}

type Stopwatch = {
  laps: Record<string, number>;
  /** Milliseconds since the lap before. */
  lap(name: string): void;
  /** Milliseconds since the start, of something that goes on beside the laps. */
  mark(name: string): void;
};

function stopwatch(context: EngineContext): Stopwatch {
  const laps: Record<string, number> = {};
  const start = context.now();
  let last = start;
  return {
    laps,
    lap(name) {
      const now = context.now();
      laps[name] = Math.round(now - last);
      last = now;
    },
    mark(name) {
      laps[name] = Math.round(context.now() - start);
    },
  };
}
