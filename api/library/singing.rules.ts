import type { Faces, Singing, Voice } from '../contract/singing.schema';

/** Seconds of possible voice that are none: less than a syllable at a cut. */
const LEAST_VOICE = 0.16;
/** Steps of a song's voice in a second. */
const STEPS = 100;

/** What decides whether a scene is to be lip-synced. */
export type SingingFacts = {
  hasClip: boolean;
  /** Whether it is meant to have a lip-sync: then somebody was seen. */
  isSynced: boolean;
  /** Of its original; null: not looked yet. */
  faces: Faces | null;
  /** Whether its original is new and will be looked at soon. */
  isLooking: boolean;
  /** The frames of the original's file that the scene shows, [from, to); null: not known. */
  shown: readonly [number, number] | null;
  /** Null: the project has no song, or it was not listened to yet. */
  voice: Voice | null;
  /** Where the scene stands in the song, in frames; null: not known. */
  startFrame: number | null;
  frames: number | null;
  fps: number;
  /** What somebody said; null: nothing. */
  byHand: boolean | null;
};

export type SceneSinging = {
  singing: Singing;
  needsLipSync: boolean;
  needsLipSyncByHand: boolean | null;
  faceMiddle: Faces['middle'];
};

/**
 * Whether anybody sings in a scene, and whether it is to be lip-synced. To leave out somebody who sings is worse
 * than to ask for a lip-sync too many: only who is surely not there, or surely silent, is left out, and what
 * was synced stays so.
 */
export function sceneSinging(facts: SingingFacts): SceneSinging {
  const singing = singingOf(facts);
  const automatic = facts.isSynced || !['no-face', 'no-voice'].includes(singing);
  return {
    singing,
    needsLipSync: facts.byHand ?? automatic,
    needsLipSyncByHand: facts.byHand,
    faceMiddle: facts.faces?.middle ?? null,
  };
}

function singingOf(facts: SingingFacts): Singing {
  if (!facts.hasClip) return 'unknown';
  const face = facts.isSynced ? 'yes' : faceShown(facts);
  if (face === 'no') return 'no-face';
  const voice = voiceHeard(facts);
  if (voice === 'no') return 'no-voice';
  if (facts.isLooking && face === 'unsure') return 'looking';
  return face === 'yes' && voice === 'yes' ? 'singing' : 'unknown';
}

type Answer = 'yes' | 'no' | 'unsure';

/**
 * Middle of the face in a part of a clip, frames [from, to) of its file: the median of each picture's largest
 * face there, else that of the whole clip.
 */
export function faceMiddleIn(faces: Faces | null, [from, to]: readonly [number, number]): Faces['middle'] {
  if (faces === null) return null;
  const here = faces.seen.flatMap(({ frame, faces: [face] }) =>
    frame >= from && frame < to && face !== undefined ? [face] : [],
  );
  if (here.length === 0) return faces.middle;
  return {
    x: median(here.map(({ x, width }) => x + width / 2)),
    y: median(here.map(({ y, height }) => y + height / 2)),
  };
}

function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const [upper = 0, lower = upper] = [sorted[half], sorted[half - 1]];
  return sorted.length % 2 === 1 ? upper : (lower + upper) / 2;
}

/** Pictures far apart say nothing of what is between them: `no` only where the whole clip shows nobody. */
function faceShown({ faces, shown }: SingingFacts): Answer {
  if (faces === null || faces.result === 'unknown') return 'unsure';
  if (faces.result === 'none') return 'no';
  if (shown === null) return 'yes';
  const [from, to] = shown;
  const before = faces.seen.findLastIndex(({ frame }) => frame < from);
  const after = faces.seen.findIndex(({ frame }) => frame >= to);
  const near = faces.seen.slice(Math.max(0, before), after < 0 ? undefined : after + 1);
  return near.some((picture) => picture.faces.length > 0) ? 'yes' : 'unsure';
}

function voiceHeard({ voice, startFrame, frames, fps }: SingingFacts): Answer {
  if (voice === null || startFrame === null || frames === null) return 'unsure';
  const from = (startFrame / fps) * STEPS;
  const to = ((startFrame + frames) / fps) * STEPS;
  const heard = (stretches: Voice['phrases']) =>
    stretches.reduce((sum, [a, b]) => sum + Math.max(0, Math.min(b, to) - Math.max(a, from)), 0) / STEPS;
  if (heard(voice.phrases) >= LEAST_VOICE) return 'yes';
  return heard(voice.possible) >= LEAST_VOICE ? 'unsure' : 'no';
}
