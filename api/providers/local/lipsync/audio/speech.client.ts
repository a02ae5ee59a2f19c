import type { AnalyseSpeechOptions, MouthTargets } from './audio.types';
import type { SpeechAnswer, SpeechQuestion } from './speech.thread';

/** Listens in a thread: half a minute of sound takes a second, in which nothing else would move. */
export type SpeechModel = {
  /** As `analyseSpeech`; takes the samples' memory over. */
  analyse(samples: Float32Array<ArrayBuffer>, options: AnalyseSpeechOptions): Promise<MouthTargets>;
  /** Ends the thread; whoever still waits gets an error. */
  stop(): void;
};

/** Starts the thread at once, so that it is ready when the sound is decoded. */
export function startSpeechModel(): SpeechModel {
  const waiting = new Map<number, { resolve(targets: MouthTargets): void; reject(error: Error): void }>();
  let asked = 0;
  const failAll = (error: Error): void => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const thread = new Worker(new URL('./speech.thread.ts', import.meta.url).href, { smol: true });
  thread.onmessage = ({ data }: MessageEvent<SpeechAnswer>) => {
    const caller = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.kind === 'targets') caller?.resolve(data.targets);
    else caller?.reject(new Error(`The sound could not be analysed: ${data.message}`));
  };
  thread.onerror = ({ message }) => failAll(new Error(`The speech model could not be run: ${message}`));
  return {
    analyse: (samples, options) =>
      new Promise((resolve, reject) => {
        const question: SpeechQuestion = { id: asked++, samples, options };
        waiting.set(question.id, { resolve, reject });
        thread.postMessage(question, [samples.buffer]);
      }),
    stop() {
      thread.terminate();
      failAll(new Error('The speech model was stopped.'));
    },
  };
}
