import type { MouthTargets } from '../audio/audio.types';
import type { MouthColours } from '../faces/face.colours';
import type { Shot } from '../faces/face.track';
import { bareTeeth } from '../mouth/bare.teeth';
import { mouthCurve, strengthCurve } from '../mouth/mouth.curves';
import type { MouthCrop } from '../mouth/mouth.library';
import type { FaceNumbers, MeasuredTrack } from '../mouth/mouth.measure';
import type { MouthShape } from '../mouth/mouth.shape';
import { type Candidate, chooseSources } from '../mouth/source.choice';

/** A mouth that may be borrowed, and the geometry of the face it belongs to. */
export type LendableMouth = MouthCrop & { mesh: Float32Array };

/** Everything that drawing one face through one shot needs. Arrays run along the shot's frames. */
export type ShotPlan = {
  start: number;
  end: number;
  track: MeasuredTrack;
  shapes: MouthShape[];
  strength: Float32Array;
  covered: readonly boolean[];
  mouths: readonly LendableMouth[];
  /** Index into `mouths` per frame, -1 for none. */
  path: Int32Array;
  colours: MouthColours;
};

export type ShotMaterial = {
  shot: Shot;
  track: MeasuredTrack;
  crops: readonly MouthCrop[];
  colours: MouthColours;
  /** Per frame of the shot: something lies over the mouth. */
  covered: readonly boolean[];
};

/** Decides, for one face through one shot, the shape of every mouth and where its picture comes from. */
export function planShot(material: ShotMaterial, targets: MouthTargets, temperature: number): ShotPlan {
  const { shot, track, covered, colours } = material;
  const shapes = mouthCurve(sliceTargets(targets, shot), temperature, restingWidth(track));
  const strength = strengthCurve(
    track.numbers.map((face, i) => ({
      seen: face !== null,
      yaw: face?.yaw ?? 0,
      covered: covered[i] ?? false,
    })),
  );
  const mouths = material.crops.flatMap((crop) => {
    const index = crop.frame - shot.start;
    const face = covered[index] ? null : track.faceAt(index);
    return face ? [{ ...crop, mesh: face.mesh, unit: face.pose.scale }] : [];
  });
  const teeth = bareTeeth(mouths, colours.lip);
  const candidates = mouths.map(({ frame }, i) =>
    candidateOf(frame, track.numbers[frame - shot.start], teeth[i] ?? 0),
  );
  const needs = track.numbers.map((face, i) => ({
    frame: shot.start + i,
    shape: shapes[i] ?? { aperture: 0, width: 0 },
    yaw: face?.yaw ?? 0,
    pitch: face?.pitch ?? 0,
  }));
  const path = chooseSources(needs, candidates);
  return { start: shot.start, end: shot.end, track, shapes, strength, covered, mouths, path, colours };
}

function sliceTargets(targets: MouthTargets, { start, end }: Shot): MouthTargets {
  return {
    aperture: targets.aperture.subarray(start, end),
    width: targets.width.subarray(start, end),
    closed: targets.closed.subarray(start, end),
    voiced: targets.voiced.subarray(start, end),
    loudness: targets.loudness.subarray(start, end),
  };
}

/** The width of the mouth at rest: the median over the frames. */
function restingWidth(track: MeasuredTrack): number {
  const widths = track.numbers.flatMap((face) => (face ? [face.width] : [])).sort((a, b) => a - b);
  return widths[widths.length >> 1] ?? 0;
}

function candidateOf(frame: number, face: FaceNumbers | null | undefined, teeth: number): Candidate {
  return {
    frame,
    teeth,
    aperture: face?.aperture ?? 0,
    width: face?.width ?? 0,
    yaw: face?.yaw ?? 0,
    pitch: face?.pitch ?? 0,
  };
}
