import type { Voice } from '../../../../contract/singing.schema';
import { SPEECH_SAMPLE_RATE } from '../audio/audio.types';
import { referenceEnergy } from '../audio/features.dsp';
import { OUTPUTS } from '../audio/network.model';
import { findPhrases, followVoice, type Phrase } from '../audio/phrase.model';
import { decodeSound } from '../audio/sound.decoder';
import { hearSteps, QUIETEST_SYLLABLE, VOICE_BIAS } from '../audio/speech.model';
import type { VoiceJob } from './look.job';

/**
 * Log odds that a voice must exceed in the long run to be possible. Far below those of a phrase: the model
 * misses a third of a voice under loud instruments.
 */
const POSSIBLE_BIAS = -2;
/** A sound without any step above this (-60 dB of full scale) is silence; in nepers of the spectrum's power. */
const VOICE = 3;

/** Listens where a voice is heard in a sound, and where one may be. @throws AppError `UnreadableAudio` */
export async function listenForVoice(job: VoiceJob, signal: AbortSignal): Promise<Voice> {
  const samples = await decodeSound(job.ffmpegPath, job.path, {
    sampleRate: SPEECH_SAMPLE_RATE,
    mostSamples: Math.ceil(job.seconds * SPEECH_SAMPLE_RATE),
    signal,
  });
  return voiceOf(samples);
}

/** @param samples mono at SPEECH_SAMPLE_RATE, full scale ±1 */
export function voiceOf(samples: Float32Array, bias = POSSIBLE_BIAS): Voice {
  const { steps, energy, said } = hearSteps(samples);
  const reference = referenceEnergy(energy);
  const probability = new Float32Array(steps).map((_, i) => said[i * OUTPUTS + VOICE] ?? 0);
  const audible = Array.from(
    energy,
    (e, i) => e + Math.log(Math.max(1e-3, probability[i] ?? 0)) - reference > QUIETEST_SYLLABLE,
  );
  const everywhere = audible.map(() => true);
  return {
    phrases: stretches(findPhrases(followVoice(probability, VOICE_BIAS), audible)),
    possible: stretches(findPhrases(followVoice(probability, bias), everywhere)),
  };
}

const stretches = (phrases: Phrase[]): [number, number][] => phrases.map(({ from, to }) => [from, to]);
