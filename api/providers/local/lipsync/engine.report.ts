import { readFile } from 'node:fs/promises';
import type { MouthTargets } from './audio/audio.types';
import { countJumps } from './mouth/source.choice';
import type { ClipScan } from './plan/clip.scan';
import type { ShotPlan } from './plan/shot.plan';

/** What a run found and did; plain JSON. */
export type EngineReport = {
  frames: number;
  framesWithFace: number;
  framesWithoutFace: number;
  facesFound: number;
  shots: number;
  /** Frames that wholly show the source's own mouth: their share, and how many for which reason. */
  passedThrough: { share: number; noFace: number; turnedAway: number; covered: number };
  /** What drove the mouth. */
  driver: { source: 'mix' | 'vocal'; meanOpening: number; largestOpening: number; voicedShare: number };
  /** How often a mouth was borrowed from elsewhere than the frame before it. */
  jumpsPerSecond: number;
  /** The wanted gap between the lips in every frame, in eye distances; 0 where nothing is drawn. */
  target: number[];
  milliseconds: Record<string, number>;
  /** Peak memory of the engine's process; the two ffmpeg processes come on top. */
  peakMemoryBytes: number;
};

export type ReportMaterial = {
  frames: number;
  fps: number;
  scan: ClipScan;
  plans: readonly ShotPlan[];
  targets: MouthTargets;
  isVocal: boolean;
  milliseconds: Record<string, number>;
  peakMemoryBytes: number;
};

/** A voice is heard in a frame when it is more likely than not. */
const VOICED = 0.5;

export function reportOf(material: ReportMaterial): EngineReport {
  const { frames, scan, plans, targets } = material;
  const target = new Array<number>(frames).fill(0);
  const passed = { noFace: frames, turnedAway: 0, covered: 0 };
  let jumps = 0;
  for (const plan of plans) {
    jumps += countJumps(plan.path);
    plan.track.numbers.forEach((face, i) => {
      if (!face) return;
      passed.noFace--;
      if (plan.covered[i]) passed.covered++;
      else if ((plan.strength[i] ?? 0) <= 0) passed.turnedAway++;
      else target[plan.start + i] = round(plan.shapes[i]?.aperture ?? 0);
    });
  }
  return {
    frames,
    framesWithFace: scan.framesWithFace,
    framesWithoutFace: frames - scan.framesWithFace,
    facesFound: scan.shots.reduce((sum, { tracks }) => sum + tracks.length, 0),
    shots: scan.shots.length,
    passedThrough: {
      share: round((passed.noFace + passed.turnedAway + passed.covered) / Math.max(1, frames)),
      ...passed,
    },
    driver: {
      source: material.isVocal ? 'vocal' : 'mix',
      meanOpening: round(mean(targets.aperture)),
      largestOpening: round(targets.aperture.reduce((most, value) => Math.max(most, value), 0)),
      voicedShare: round(mean(targets.voiced.map((value) => (value > VOICED ? 1 : 0)))),
    },
    jumpsPerSecond: round((jumps * material.fps) / Math.max(1, frames)),
    target,
    milliseconds: material.milliseconds,
    peakMemoryBytes: material.peakMemoryBytes,
  };
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

/**
 * The most memory this process has held, in bytes. On Linux from VmHWM: the maxRSS of getrusage also
 * counts what whoever started the process held when it forked.
 */
export async function peakMemoryBytes(): Promise<number> {
  const status = process.platform === 'linux' ? await readFile('/proc/self/status', 'utf8') : '';
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
  if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  // macOS counts in bytes, everything else in kilobytes.
  return process.resourceUsage().maxRSS * (process.platform === 'darwin' ? 1 : 1024);
}
