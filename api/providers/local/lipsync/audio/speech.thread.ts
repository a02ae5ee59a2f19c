import { answerCalls } from '../thread.calls';
import type { AnalyseSpeechOptions, MouthTargets } from './audio.types';
import { analyseSpeech } from './speech.model';

/** The thread that listens: a sound in, what it asks of the mouth out. */
export type SpeechQuestion = { samples: Float32Array<ArrayBuffer>; options: AnalyseSpeechOptions };

answerCalls<SpeechQuestion, MouthTargets>(({ samples, options }) => ({
  answer: analyseSpeech(samples, options),
  moved: [],
}));
