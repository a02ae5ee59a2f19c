import { type ErrorCode, errorCatalogue, isErrorCode } from '../contract/error.catalogue';
import type { ErrorEntry } from '../contract/error.entry';
import type { Format } from '../contract/format.schema';
import type { Scene, StaleReason, Trim } from '../contract/scene.schema';
import type { KeptWindow } from '../contract/window.schema';
import { secondsToFrame } from '../shared/frames';
import type { TakeRow } from './takes.rules';

/** A scene as the database holds it, with the takes it points at. */
export type SceneRow = {
  id: string;
  projectId: string;
  sequence: number;
  prompt: string;
  negativePrompt: string;
  /** The scene's own length; null until it is given one, by hand or by its first clip. */
  slotFrames: number | null;
  /** How the original fills the slot; null: the default window. */
  window: KeptWindow | null;
  /** Middle of the face in the original, as shares of its picture; null: none was found, or not yet. */
  faceMiddle: { x: number; y: number } | null;
  imageTake: TakeRow | null;
  originalTake: TakeRow | null;
  currentTake: TakeRow | null;
  /** The lip-sync that it is meant to have; null: none. */
  lipsyncTake: TakeRow | null;
  createdAt: Date;
  updatedAt: Date;
};

/** Where a scene stands in its project's video, in frames. */
export type ScenePlace = {
  sceneId: string;
  sequence: number;
  /** Null when this or an earlier scene has no length yet. */
  startFrame: number | null;
  /** The scene's own length. */
  frames: number | null;
};

/**
 * Places scenes one after the other: a scene starts at the sum of the slots before it, whatever their clips'
 * lengths. After a scene without length nothing has a known start.
 */
export function layOutTimeline(scenes: Pick<SceneRow, 'id' | 'sequence' | 'slotFrames'>[]): ScenePlace[] {
  let next: number | null = 0;
  return [...scenes]
    .sort((a, b) => a.sequence - b.sequence)
    .map((scene) => {
      const frames = scene.slotFrames;
      const place: ScenePlace = { sceneId: scene.id, sequence: scene.sequence, startFrame: next, frames };
      next = next === null || frames === null ? null : next + frames;
      return place;
    });
}

/** The whole length in frames, or null when a scene has no length yet. */
export function timelineFrames(places: ScenePlace[]): number | null {
  return places.reduce<number | null>(
    (sum, place) => (sum === null || place.frames === null ? null : sum + place.frames),
    0,
  );
}

/** A song's length in frames, rounded up: the last frame may be only partly covered by sound. */
export function songFrames(song: { samples: number; sampleRate: number }, fps: number): number {
  return Math.ceil((song.samples * fps) / song.sampleRate - 1e-9);
}

/**
 * The part of the song under a scene, in frames, end exclusive; cut to the song's end.
 * Null when the scene starts at or after the song's end.
 */
export function songSegment(
  startFrame: number,
  frames: number,
  songLength: number,
): { startFrame: number; endFrame: number } | null {
  if (startFrame >= songLength) return null;
  return { startFrame, endFrame: Math.min(startFrame + frames, songLength) };
}

/**
 * Why a lip-sync no longer fits the song under its scene, or null when it does (or when the take
 * is no lip-sync). Computed from the recorded frames each time, never stored.
 */
export function staleReason(
  take: TakeRow,
  place: ScenePlace,
  song: { id: string; frames: number } | null,
): StaleReason | null {
  if (take.kind !== 'lipsynced') return null;
  if (take.songId === null || take.audioStart === null || take.audioEnd === null) return 'other-sound';
  if (song === null || take.songId !== song.id) return 'song-changed';
  if (place.startFrame === null || take.audioStart !== place.startFrame) return 'moved';
  const segment = songSegment(place.startFrame, place.frames ?? 0, song.frames);
  return segment?.endFrame === take.audioEnd ? null : 'length-changed';
}

/** The frames [inFrame, outFrame) of the original clip that a trim asks for. */
export function trimFrames(trim: Trim, format: Format): { inFrame: number; outFrame: number } {
  if (trim.inFrame !== undefined && trim.outFrame !== undefined) {
    return { inFrame: trim.inFrame, outFrame: trim.outFrame };
  }
  return {
    inFrame: secondsToFrame(trim.in ?? 0, format.fps),
    outFrame: secondsToFrame(trim.out ?? 0, format.fps),
  };
}

/**
 * The new order of scenes: ids by sequence 1..n.
 * Returns what is wrong when the list isn't exactly the scenes there are.
 */
export function checkOrder(
  existing: string[],
  wanted: string[],
): { missing: string[]; unknown: string[]; repeated: string[] } | null {
  const have = new Set(existing);
  const want = new Set(wanted);
  const missing = existing.filter((id) => !want.has(id));
  const unknown = [...want].filter((id) => !have.has(id));
  const repeated = [...want].filter((id) => wanted.indexOf(id) !== wanted.lastIndexOf(id));
  return missing.length + unknown.length + repeated.length === 0 ? null : { missing, unknown, repeated };
}

export type SceneLastError = Scene['lastError'];

/**
 * Whether a person who does the same again may fare better: what passes by itself, mistakes of ours, and
 * what a provider did. Not what lies in the clip, the song, the settings or the budget: that is to be changed first.
 */
export function tryingAgainCanHelp(code: string): boolean {
  if (!isErrorCode(code)) return false;
  const entry: ErrorEntry = errorCatalogue[code];
  if (entry.retryable !== undefined) return true;
  if (toBeChangedFirst.has(code)) return false;
  const statuses = typeof entry.status === 'object' ? entry.status : [entry.status];
  return statuses.some((status) => status === 'any' || status >= 500);
}

/** Errors of 500 and more that come again until somebody changes an account, a setting or the clip. */
const toBeChangedFirst: ReadonlySet<string> = new Set<ErrorCode>([
  'InputNotReachable',
  'ProviderCreditMissing',
  'ProviderInputRefused',
  'ProviderInputTooLarge',
  'ProviderModelNotFound',
  'ProviderRejected',
  'ProviderTokenRefused',
]);
