import type { LineUpFinding, SongPlace } from './line-up.types';

/**
 * The scores that chance makes and those that only the song makes lie far apart (bench line-up, tuning seeds): waves
 * of anything else reach 7, of the song 11 to 230; onsets of anything else 6.6, of the song 12 to 78.
 */
export const WAVES_AGREE = 9;
const WAVES = { chance: 7.5, sure: 10.8 };
const ONSETS = { chance: 7, sure: 10.5 };
/** Onsets alone may be another performance of the song: likely, never certain. */
const ONSETS_ALONE = 0.8;
/** A place that agrees this well compared to the best is as good as it. */
const AS_GOOD = 0.85;
/** From here on a place is certain, below that it is none. */
const CERTAIN = 0.9;
const LEAST_LIKELY = 0.15;

/**
 * Judges the places that were looked at. The waves decide where they agree; else, in echo and noise, the onsets do,
 * and the place is exact to some hundredths of a second.
 */
export function judge(places: SongPlace[]): LineUpFinding {
  const byWaves = [...places].sort((a, b) => b.waveScore - a.waveScore);
  const byOnsets = [...places].sort((a, b) => b.onsetScore - a.onsetScore);
  const wavesAgree = (byWaves[0]?.waveScore ?? 0) >= WAVES_AGREE;
  const [place, ...others] = wavesAgree ? byWaves : byOnsets;
  const none: LineUpFinding = {
    confidence: 'none',
    likelihood: 0,
    place: null,
    alternatives: [],
    heard: null,
  };
  if (place === undefined) return none;
  const score = (of: SongPlace) => (wavesAgree ? of.waveScore : of.onsetScore);
  const alternatives = others.filter((other) => score(other) >= AS_GOOD * score(place));
  const likelihood = likelihoodOf(place) / (1 + alternatives.length);
  if (likelihood < LEAST_LIKELY) return none;
  const isCertain = likelihood >= CERTAIN && alternatives.length === 0;
  return { ...none, confidence: isCertain ? 'certain' : 'unsure', likelihood, place, alternatives };
}

/** How far a score lies between what chance makes and what only the song makes, 0..1. */
const between = (score: number, chance: number, sure: number) =>
  Math.min(1, Math.max(0, (score - chance) / (sure - chance)));

function likelihoodOf({ waveScore, onsetScore }: SongPlace): number {
  const waves = between(waveScore, WAVES.chance, WAVES.sure);
  const onsets = ONSETS_ALONE * between(onsetScore, ONSETS.chance, ONSETS.sure);
  return 1 - (1 - waves) * (1 - onsets);
}
