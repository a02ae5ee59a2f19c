import type { LipsyncOptions } from '../../../../contract/lipsync.schema';
import type { MouthTargets } from '../audio/audio.types';
import { coveredFrames } from '../faces/cover.detector';
import type { Shot } from '../faces/face.track';
import { type MeasuredTrack, measureTrack } from '../mouth/mouth.measure';
import type { ClipScan } from './clip.scan';
import { planShot, type ShotPlan } from './shot.plan';
import { chooseSpeaker, type MarkedFace } from './speaker.choice';

const NOSE_BASE = 2;
/** Faces seen for fewer frames than this in a shot are glimpses or mistakes of the detector. */
const SHORTEST_TRACK = 3;

export type PlanRequest = {
  scan: ClipScan;
  targets: MouthTargets;
  /** What the clip's own sound asks of a mouth; null when it has none or isn't needed. */
  ownSound: MouthTargets | null;
  options: LipsyncOptions;
  width: number;
  height: number;
};

/** Chooses the face of every shot that has one and plans its mouth. */
export function planClip(request: PlanRequest): ShotPlan[] {
  return request.scan.shots.flatMap((shot) => {
    const tracks = shot.tracks
      .filter(
        ({ meshes }) => meshes.filter(Boolean).length >= Math.min(SHORTEST_TRACK, shot.end - shot.start),
      )
      .map(measureTrack);
    const track = speakerOf(shot, tracks, request);
    const face = track && request.scan.faces.get(track.id);
    if (!track || !face) return [];
    const samples = track.numbers.map((_, i) => face.samples.get(shot.start + i) ?? null);
    return [
      planShot(
        {
          shot,
          track,
          crops: face.library.crops(),
          colours: face.colours.mean(),
          covered: coveredFrames(samples),
        },
        request.targets,
        request.options.temperature,
      ),
    ];
  });
}

function speakerOf(shot: Shot, tracks: readonly MeasuredTrack[], request: PlanRequest): MeasuredTrack | null {
  const { options, ownSound } = request;
  const marked =
    options.speaker && shot.start === 0
      ? { ...options.speaker, tracks: tracks.map((track) => placeOf(track, request)) }
      : undefined;
  return chooseSpeaker(tracks, {
    marked,
    wantsActive: options.active_speaker_detection,
    ownSound: ownSound?.aperture.subarray(shot.start, shot.end),
  });
}

/** Where a face is when it is first seen. */
function placeOf(track: MeasuredTrack, size: { width: number; height: number }): MarkedFace {
  const first = track.faceAt(track.numbers.findIndex((face) => face !== null));
  return {
    id: track.id,
    x: (first?.mesh[NOSE_BASE * 3] ?? 0) / size.width,
    y: (first?.mesh[NOSE_BASE * 3 + 1] ?? 0) / size.height,
  };
}
