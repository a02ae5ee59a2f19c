import { type MessagePort, parentPort } from 'node:worker_threads';
import { errorMessage } from '../../../../shared/errors';
import type { AnalyseSpeechOptions, MouthTargets } from './audio.types';
import { analyseSpeech } from './speech.model';

/** The thread that listens: a sound in, what it asks of the mouth out. */
export type SpeechQuestion = {
  id: number;
  samples: Float32Array<ArrayBuffer>;
  options: AnalyseSpeechOptions;
};
export type SpeechAnswer =
  | { id: number; kind: 'targets'; targets: MouthTargets }
  | { id: number; kind: 'failed'; message: string };

function listen(port: MessagePort): void {
  port.on('message', ({ id, samples, options }: SpeechQuestion) => {
    let answer: SpeechAnswer;
    try {
      answer = { id, kind: 'targets', targets: analyseSpeech(samples, options) };
    } catch (error) {
      answer = { id, kind: 'failed', message: errorMessage(error) };
    }
    port.postMessage(answer);
  });
}

if (parentPort) listen(parentPort);
