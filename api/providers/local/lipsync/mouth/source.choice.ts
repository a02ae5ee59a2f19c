import { smoothstep } from '../../../../shared/numbers';
import type { MouthShape } from './mouth.shape';

/** A frame that can lend its mouth: what it looks like there. Units as in MouthShape; radians. */
export type Candidate = {
  frame: number;
  aperture: number;
  /** How much of its teeth is seen, 0..1. */
  teeth: number;
  width: number;
  yaw: number;
  pitch: number;
};

/** What a frame needs: the wanted mouth, and the head's pose there. */
export type Need = { frame: number; shape: MouthShape; yaw: number; pitch: number };

/** Costs of 1 for: this much difference in opening, width (eye distances) and pose (radians). */
const APERTURE_UNIT = 0.05;
const WIDTH_UNIT = 0.09;
const YAW_UNIT = 0.1;
const PITCH_UNIT = 0.12;
/** A mouth that must be opened further shows drawn teeth; one that must be closed further only hides some. */
const TOO_SHUT = 1.6;
/**
 * Lips that shall touch, borrowed from a mouth that shows its teeth, keep a light line between them: one
 * such frame is worth a jump to a mouth that is shut. Wanted openings (eye distances) below which lips
 * shall touch, and above which teeth may be seen.
 */
const TEETH_SHOW = 4;
const TOUCHING = 0.01;
const APART = 0.04;
/**
 * Leaving the run of consecutive frames costs as much as a mouth that is .1 eye distances too open:
 * 2.8 jumps a second on a talking clip where .8 gave 6.4, and as near to the wanted opening.
 */
const JUMP = 4;
/** Only the best fits of a frame are worth carrying on; more changed no choice on the test clips. */
const KEPT = 32;

/**
 * For every frame the candidate (its index) whose mouth it borrows: the cheapest path by Viterbi's
 * algorithm. Running on from one candidate to the next in time is free, jumping costs. While lips shall
 * touch, staying with one is free too: a clip that talks has few shut mouths in a row, and to run through
 * the same three again and again is a mouth that works in silence.
 */
export function chooseSources(needs: readonly Need[], candidates: readonly Candidate[]): Int32Array {
  const chosen = new Int32Array(needs.length);
  if (candidates.length === 0 || needs.length === 0) return chosen.fill(-1);
  const successor = successors(candidates);
  const columns: { candidate: Int32Array; back: Int32Array }[] = [];
  let costs: Float64Array = new Float64Array(0);
  let kept: Int32Array = new Int32Array(0);
  for (const need of needs) {
    const fits = Float64Array.from(candidates, (candidate) => misfit(need, candidate));
    const next = bestOf(fits, kept, successor);
    const nextCosts = new Float64Array(next.length);
    const back = new Int32Array(next.length).fill(-1);
    const cheapest = indexOfLeast(costs);
    const holds = need.shape.aperture < TOUCHING;
    const jumping = cheapest >= 0 ? (costs[cheapest] ?? 0) + JUMP : 0;
    next.forEach((candidate, i) => {
      let best = jumping;
      let from = cheapest;
      for (let k = 0; k < kept.length; k++) {
        const cost = costs[k] ?? 0;
        const runsOn = successor[kept[k] ?? 0] === candidate || (holds && kept[k] === candidate);
        if (runsOn && cost < best) {
          best = cost;
          from = k;
        }
      }
      nextCosts[i] = best + (fits[candidate] ?? 0);
      back[i] = from;
    });
    columns.push({ candidate: next, back });
    costs = nextCosts;
    kept = next;
  }
  let at = indexOfLeast(costs);
  for (let i = columns.length - 1; i >= 0; i--) {
    chosen[i] = columns[i]?.candidate[at] ?? -1;
    at = columns[i]?.back[at] ?? -1;
  }
  return chosen;
}

/** How badly a candidate's mouth fits; 0 is perfect. */
export function misfit(need: Need, candidate: Candidate): number {
  const open = (need.shape.aperture - candidate.aperture) / APERTURE_UNIT;
  const wide = (need.shape.width - candidate.width) / WIDTH_UNIT;
  const yaw = (need.yaw - candidate.yaw) / YAW_UNIT;
  const pitch = (need.pitch - candidate.pitch) / PITCH_UNIT;
  const teeth = TEETH_SHOW * candidate.teeth * (1 - smoothstep(TOUCHING, APART, need.shape.aperture));
  return open * open * (open > 0 ? TOO_SHUT : 1) + wide * wide + yaw * yaw + pitch * pitch + teeth;
}

/**
 * The candidate that follows each one in time, or -1 at the end of a run. When memory is very short
 * only every n-th frame is a candidate; then the usual step is n and the run goes on n times as fast,
 * which nobody sees in a mouth whose shape is set anyway.
 */
function successors(candidates: readonly Candidate[]): Int32Array {
  const steps = candidates.slice(1).map((candidate, i) => candidate.frame - (candidates[i]?.frame ?? 0));
  const usual = steps.reduce((least, step) => Math.min(least, step), Number.MAX_SAFE_INTEGER);
  return Int32Array.from(candidates, (_, i) => (steps[i] !== undefined && steps[i] === usual ? i + 1 : -1));
}

/** The best fits of a frame, and whatever the kept ones run on to. */
function bestOf(fits: Float64Array, kept: Int32Array, successor: Int32Array): Int32Array {
  const order = Array.from(fits.keys()).sort((a, b) => (fits[a] ?? 0) - (fits[b] ?? 0));
  const chosen = new Set(order.slice(0, KEPT));
  for (const candidate of kept) {
    const following = successor[candidate] ?? -1;
    if (following >= 0) chosen.add(following);
  }
  // Keeps the number bounded: what runs on without fitting falls out.
  return Int32Array.from([...chosen].sort((a, b) => (fits[a] ?? 0) - (fits[b] ?? 0)).slice(0, 2 * KEPT));
}

function indexOfLeast(values: Float64Array): number {
  let best = -1;
  for (let i = 0; i < values.length; i++) {
    if (best < 0 || (values[i] ?? 0) < (values[best] ?? 0)) best = i;
  }
  return best;
}

/** A candidate (its index) and its share in one frame's mouth. */
export type Share = { candidate: number; share: number };

/** Dissolve around a jump: a quarter of what the frames beside it show, carried on or back to this one. */
const BESIDE = [-1, 1] as const;
const BESIDE_SHARE = 0.25;

/** The sources of one frame of a path: one, or around a jump two or three that dissolve into another. */
export function mixAt(path: Int32Array, index: number, candidates: number): Share[] {
  const here = path[index] ?? -1;
  if (here < 0) return [];
  const shares = new Map<number, number>([[here, 1]]);
  for (const step of BESIDE) {
    const there = path[index + step] ?? -1;
    const carried = there - step;
    // The next or the same candidate is no jump.
    if (there < 0 || Math.abs(there - here) <= 1 || carried < 0 || carried >= candidates) continue;
    shares.set(carried, (shares.get(carried) ?? 0) + BESIDE_SHARE);
    shares.set(here, (shares.get(here) ?? 0) - BESIDE_SHARE);
  }
  return [...shares].map(([candidate, share]) => ({ candidate, share }));
}

/** How many times a path leaves its run. */
export function countJumps(path: Int32Array): number {
  let jumps = 0;
  for (let i = 1; i < path.length; i++) if (Math.abs((path[i] ?? 0) - (path[i - 1] ?? 0)) > 1) jumps++;
  return jumps;
}
