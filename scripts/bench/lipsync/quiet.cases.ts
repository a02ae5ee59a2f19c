import { join } from 'node:path';
import { playDemoBacking } from '../../../api/sample/song/demo-song';
import type { BenchCase } from './bench.cases';
import { readApertures, trackFace } from './clip.reading';
import { percentile } from './curve.statistics';
import type { FaceSquare, IndependentDetector } from './independent.detector';
import { ffmpeg, type SpecialKit, type SpecialRow } from './special.cases';
import { writeStillMouth } from './still.mouth';

const SECONDS_OF_SONG = 24;
const RATE = 48_000;
/** Where in the song its instruments play fully. */
const INSTRUMENTS_FROM = 8;
/** Frames that become masks, as shares of the clip. */
const MASKS = [0.25, 0.5, 0.75] as const;

/** A mouth's range of openings as both detectors read it. */
type Ranges = { target: number; independent: number; mesh: number };

/** Range of a mouth's openings without its rare extremes. */
function rangeOf(openings: readonly number[]): number {
  return percentile(openings, 0.98) - percentile(openings, 0.02);
}

/** What of a range is more than the detector's own error, which adds to true movement in squares. */
export function beyondFloor(range: number, floor: number): number {
  return Math.sqrt(Math.max(0, range * range - floor * floor));
}

/**
 * Silence and music without a voice against speech: how much of its range the mouth still moves. Each
 * range is given as measured, and beside it what of it goes beyond the floor: what the independent
 * detector reads of a mouth that cannot move (a rigid mask of the silent result in the same head's
 * poses, mean of three). Speech, silence and instruments are treated alike.
 */
export async function quietCases(
  kit: SpecialKit,
  bench: BenchCase,
  squares: readonly (FaceSquare | null)[],
  detector: IndependentDetector,
): Promise<SpecialRow[]> {
  const { ffmpegPath } = kit.tools;
  const clipAt = (path: string) => ({ path, ...bench.format, frames: bench.frames });
  const independentRange = async (path: string): Promise<number> =>
    rangeOf(await readApertures(ffmpegPath, clipAt(path), squares, detector));
  const sounds = await quietSounds(kit, bench.frames / bench.format.fps);
  const ranges: { sound: string; of: Ranges }[] = [];
  let floor = 0;
  for (const { sound, audioPath } of [{ sound: 'speech', audioPath: bench.audioPath }, ...sounds]) {
    const made = await kit.run({ ...bench, audioPath, vocalPath: null }, {});
    const track = await trackFace(ffmpegPath, clipAt(made.path));
    const independent = await independentRange(made.path);
    const meshes = track?.numbers.flatMap((face) => (face ? [face.aperture] : [])) ?? [];
    ranges.push({ sound, of: { target: rangeOf(made.target), independent, mesh: rangeOf(meshes) } });
    if (sound !== 'silence' || !track) continue;
    for (const part of MASKS) {
      const moment = Math.floor(part * bench.frames);
      const outputPath = join(kit.folder, 'mask.mp4');
      await writeStillMouth(ffmpegPath, { clip: clipAt(made.path), track, moment, outputPath });
      floor += (await independentRange(outputPath)) / MASKS.length;
    }
  }
  const speech = ranges[0]?.of ?? { target: 1, independent: 1, mesh: 1 };
  const share = (value: number, whole: number): string => `${Math.round((100 * value) / whole)}%`;
  return ranges.map(({ sound, of }) => {
    const beyond = beyondFloor(of.independent, floor);
    return {
      clip: bench.name,
      sound,
      'wanted range': of.target.toFixed(3),
      'of speech': share(of.target, speech.target),
      'measured range': of.independent.toFixed(3),
      'of measured speech': share(of.independent, speech.independent),
      'floor (a mask)': floor.toFixed(3),
      'beyond the floor': beyond.toFixed(3),
      'of speech beyond the floor': share(beyond, beyondFloor(speech.independent, floor)),
      'range by the mesh': of.mesh.toFixed(3),
      'of speech by the mesh': share(of.mesh, speech.mesh),
    };
  });
}

/** Nothing at all, and the demo song's instruments without its voice. */
async function quietSounds(
  kit: SpecialKit,
  seconds: number,
): Promise<{ sound: string; audioPath: string }[]> {
  const silence = join(kit.folder, 'silence.wav');
  const backing = join(kit.folder, 'backing.wav');
  await ffmpeg(kit.tools, ['-f', 'lavfi', '-i', `anullsrc=r=${RATE}`, '-t', String(seconds), silence]);
  const raw = join(kit.folder, 'backing.f32');
  const { left, right } = playDemoBacking({ seconds: SECONDS_OF_SONG });
  const first = INSTRUMENTS_FROM * RATE;
  const mono = Float32Array.from(
    { length: Math.round(seconds * RATE) },
    (_, i) => ((left[first + i] ?? 0) + (right[first + i] ?? 0)) / 2,
  );
  await Bun.write(raw, mono);
  const input = ['-f', 'f32le', '-ar', String(RATE), '-ac', '1', '-i', raw];
  await ffmpeg(kit.tools, [...input, '-af', 'volume=2', backing]);
  return [
    { sound: 'silence', audioPath: silence },
    { sound: 'instruments', audioPath: backing },
  ];
}
