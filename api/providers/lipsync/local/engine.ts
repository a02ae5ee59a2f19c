import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SPEECH_SAMPLE_RATE } from './audio/audio.types';
import { mixAt } from './choice/source.mix';
import { noFaceFound } from './engine.errors';
import type { EngineJob, EngineReport } from './engine.types';
import { faceColours, meanColours } from './faces/face.colours';
import { createMouthLibrary, type MouthLibrary } from './faces/mouth.library';
import { decodeFrames } from './io/frame.decoder';
import { startEncoder } from './io/frame.encoder';
import { decodeSound } from './io/sound.decoder';
import { VERTEX_COUNT } from './mesh/face.mesh';
import { createFaceDetector } from './models/blazeface.model';
import { createMeshReader } from './models/facemesh.model';
import { loadFaceModel, startTensorRuntime } from './models/tensor.runtime';
import { shapeMouth } from './mouth/mouth.shape';
import type { YuvFrame } from './pixels/yuv.frame';
import { planShot, type ShotPlan } from './plan/shot.plan';
import type { MouthColours } from './render/drawn.mouth';
import { createFaceRenderer } from './render/face.renderer';
import { analyseSpeech } from './targets/loudness.driver';
import { createFaceTracker } from './tracking/face.tracker';

export type EngineContext = {
  signal: AbortSignal;
  progress(stage: string, fraction: number): void;
  /** Milliseconds since any fixed moment. */
  now(): number;
};

export async function runEngine(job: EngineJob, context: EngineContext): Promise<EngineReport> {
  const started = context.now();
  const { signal } = context;
  const soundLoading = decodeSound(
    job.ffmpegPath,
    job.vocalPath ?? job.audioPath,
    SPEECH_SAMPLE_RATE,
    signal,
  );
  await startTensorRuntime();
  const [detector, mesh] = await Promise.all([loadFaceModel('blazeface'), loadFaceModel('facemesh')]);
  const tracker = createFaceTracker(createFaceDetector(detector), createMeshReader(mesh), job);
  const loaded = context.now();
  const libraries = new Map<number, MouthLibrary>();
  const colours = new Map<number, MouthColours[]>();
  let index = 0;
  const source = { path: job.videoPath, width: job.width, height: job.height, frames: job.frames };
  for await (const frame of decodeFrames(job.ffmpegPath, source, signal)) {
    const { faces } = await tracker.next(frame);
    for (const face of faces) {
      const library = libraries.get(face.id) ?? createMouthLibrary(96e6);
      libraries.set(face.id, library);
      library.add(index, frame, face.mesh);
      const readings = colours.get(face.id) ?? [];
      colours.set(face.id, readings);
      if (readings.length < 50) readings.push(faceColours(frame, face.mesh));
    }
    index++;
    context.progress('tracking', index / job.frames);
  }
  const tracked = context.now();
  const shots = tracker.shots();
  if (shots.every(({ tracks }) => tracks.length === 0)) {
    throw noFaceFound();
  }
  const targets = analyseSpeech(await soundLoading, {
    fps: job.fps,
    frames: job.frames,
    isVocal: job.vocalPath !== undefined,
  });
  const plans: (ShotPlan & { colours: MouthColours })[] = shots.flatMap((shot) => {
    const track = shot.tracks[0];
    if (!track) return [];
    const plan = planShot(
      shot,
      track,
      libraries.get(track.id)?.crops() ?? [],
      targets,
      job.options.temperature,
      new Set(),
    );
    return [{ ...plan, colours: meanColours(colours.get(track.id) ?? []) }];
  });
  const planned = context.now();
  const part = join(job.workDirectory, 'lipsynced.mp4.part');
  const encoder = startEncoder(job.ffmpegPath, { ...job, outputPath: part });
  const render = createFaceRenderer();
  const shape = new Float32Array(VERTEX_COUNT * 2);
  let at = 0;
  try {
    for await (const frame of decodeFrames(job.ffmpegPath, source, signal)) {
      const plan = plans.find(({ shot }) => at >= shot.start && at < shot.end);
      if (plan) drawFrame(plan, at - plan.shot.start, frame);
      await encoder.write(frame);
      at++;
      context.progress('rendering', at / job.frames);
    }
    await encoder.finish();
    await rename(part, job.outputPath);
  } finally {
    await encoder.abandon();
    await rm(part, { force: true });
  }
  const finished = context.now();

  function drawFrame(plan: ShotPlan & { colours: MouthColours }, i: number, frame: YuvFrame): void {
    const face = plan.faces[i];
    const wanted = plan.shapes[i];
    const strength = plan.strength[i] ?? 0;
    if (!face || !wanted || strength <= 0) return;
    shapeMouth(
      face,
      {
        aperture: face.aperture + strength * (wanted.aperture - face.aperture),
        width: face.width + strength * (wanted.width - face.width),
      },
      shape,
    );
    const sources = mixAt(plan.path, i, plan.crops.length).flatMap(({ candidate, share }) => {
      const crop = plan.crops[candidate];
      const lender = crop && plan.faces[crop.frame - plan.shot.start];
      return crop && lender ? [{ ...crop, mesh: lender.mesh, share }] : [];
    });
    render(frame, {
      mesh: face.mesh,
      shape,
      sources,
      colours: plan.colours,
      unit: face.pose.scale,
      strength,
    });
  }

  return {
    frames: job.frames,
    framesWithFace: plans.reduce((sum, { faces }) => sum + faces.filter(Boolean).length, 0),
    framesWithoutFace: 0,
    facesFound: shots.reduce((sum, { tracks }) => sum + tracks.length, 0),
    shots: shots.length,
    passedThrough: { share: 0, reasons: {} },
    driver: { source: 'mix', meanOpening: 0, largestOpening: 0, voicedShare: 0 },
    jumpsPerSecond: 0,
    target: plans.flatMap(({ shapes }) => shapes.map(({ aperture }) => aperture)),
    milliseconds: {
      load: loaded - started,
      track: tracked - loaded,
      plan: planned - tracked,
      render: finished - planned,
    },
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
}
