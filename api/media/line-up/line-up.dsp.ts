import { heardBetween } from './heard.dsp';
import { judge, WAVES_AGREE } from './judgement.dsp';
import { LINE_UP_RATE, type LineUpFinding, MOST_DRIFT, type SongPlace } from './line-up.types';
import {
  PIECE_STEPS,
  prepareSearch,
  type SearchableOnsets,
  searchOnsets,
  tellsSpeed,
} from './onset-search.dsp';
import { measureOnsets, ONSETS_PER_SECOND } from './onsets.dsp';
import { matchWaves, prepareWindows, refineMatch } from './wave-match.dsp';

/** Places whose waves are compared: the right one is among the first by its onsets, even in noise. */
const CANDIDATES = 8;
/** Places whose onsets agree less than this share of the best ones are none. */
const WORTH_A_LOOK = 0.4;
/** The best by some windows that are looked at with all of them. */
const REFINED = 3;
const SAMPLES_PER_STEP = LINE_UP_RATE / ONSETS_PER_SECOND;

/** A song that clips are looked for in; made once for all of them. */
export type ListenedSong = { samples: Float32Array; search: SearchableOnsets };

/** @param samples mono, LINE_UP_RATE */
export function listenToSong(samples: Float32Array): ListenedSong {
  return { samples, search: prepareSearch(measureOnsets(samples)) };
}

/** All places of a clip that were looked at, by how well their waves agree, best first. */
export function findPlaces(
  song: ListenedSong,
  clip: Float32Array,
  onsets = measureOnsets(clip),
): SongPlace[] {
  if (onsets.steps === 0 || song.search.onsets.steps === 0) return [];
  const windows = prepareWindows(clip);
  // Two steps at each end are what the onsets can be wrong by.
  const rateError = tellsSpeed(onsets) ? 4 / (onsets.steps - PIECE_STEPS) : MOST_DRIFT;
  const candidates = searchOnsets(song.search, onsets, CANDIDATES);
  const [likeliest] = candidates;
  const matches = candidates
    .filter(({ score }) => score >= WORTH_A_LOOK * (likeliest?.score ?? 0))
    .map((candidate) => {
      const near = { offset: candidate.step * SAMPLES_PER_STEP, rate: candidate.rate, rateError };
      return { candidate, wave: matchWaves(song.samples, windows, near) };
    })
    .sort((a, b) => b.wave.score - a.wave.score);
  return matches
    .filter(({ candidate }, index) => index < REFINED || candidate === likeliest)
    .map(({ candidate, wave }) => ({ candidate, wave: refineMatch(song.samples, windows, wave) }))
    .map(({ candidate, wave }): SongPlace => {
      // Where the waves agree by chance alone, the onsets know better.
      const knows = wave.score >= WAVES_AGREE;
      return {
        offsetSeconds: knows ? wave.offset / LINE_UP_RATE : candidate.step / ONSETS_PER_SECOND,
        rate: knows ? wave.rate : candidate.rate,
        onsetScore: candidate.score,
        waveScore: wave.score,
      };
    })
    .sort((a, b) => b.waveScore - a.waveScore);
}

/**
 * Finds where in a song a clip was filmed while the song played, by the clip's own sound.
 * @param clip mono, LINE_UP_RATE; what the camera heard
 */
export function lineUp(song: ListenedSong, clip: Float32Array): LineUpFinding {
  const onsets = measureOnsets(clip);
  const finding = judge(findPlaces(song, clip, onsets));
  if (finding.place === null) return finding;
  return { ...finding, heard: heardBetween(song.search.onsets, onsets, finding.place) };
}
