import type { StepOptions } from '../media.types';

/** Samples per second of the sounds that are compared: phones and rooms leave nothing of use above 8 kHz. */
export const LINE_UP_RATE = 16_000;
/** Camera and player differ by at most ±0.5 %, and a little is left for what the measure itself is off. */
export const MOST_DRIFT = 0.006;

/** Where in a song a clip was filmed: song seconds = `offsetSeconds` + clip seconds × `rate`. */
export type SongPlace = {
  /** Where in the song the clip's first moment lies; below 0 when filming began before the song. */
  offsetSeconds: number;
  /** Song seconds that pass in a second of the clip; 1 when camera and player run alike. */
  rate: number;
  /** How well the onsets agree there, in standard deviations above the other places. */
  onsetScore: number;
  /** How well the waves agree there, in standard deviations above chance. */
  waveScore: number;
};

/** What was found: the best place, how sure it is, and other places that fit about as well. */
export type LineUpFinding = {
  /**
   * `certain`: it was filmed there. `unsure`: it probably was, or at one of the alternatives; look.
   * `none`: its sound is not this song's.
   */
  confidence: 'certain' | 'unsure' | 'none';
  /** 0..1: how likely the place is right; from 0.9 it is `certain`, below 0.15 it is `none`. */
  likelihood: number;
  place: SongPlace | null;
  /** Places of equal worth, as in a chorus that is copied; best first, without `place`. */
  alternatives: SongPlace[];
  /** Seconds of the clip between which the song is heard there. */
  heard: { from: number; to: number } | null;
};

/**
 * Finds where in a song each of some clips was filmed. A clip is fetched when it is its turn; null stands for one
 * whose sound can't be decoded. `workDirectory` must be there; what is decoded meanwhile lies in it.
 */
export type LineUpClips = (
  of: { song: string; clips: { id: string; fetch(): Promise<string> }[]; workDirectory: string },
  step: StepOptions,
) => Promise<Map<string, LineUpFinding | null>>;
