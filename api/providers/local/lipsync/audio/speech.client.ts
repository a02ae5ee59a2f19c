import { startThread } from '../thread.calls';
import type { AnalyseSpeechOptions, MouthTargets } from './audio.types';
import type { SpeechQuestion } from './speech.thread';

/** Listens in a thread: half a minute of sound takes a second, in which nothing else would move. */
export type SpeechModel = {
  /** As `analyseSpeech`; takes the samples' memory over. */
  analyse(samples: Float32Array<ArrayBuffer>, options: AnalyseSpeechOptions): Promise<MouthTargets>;
  /** Ends the thread; whoever still waits gets an error. */
  stop(): void;
};

/** Starts the thread at once, so that it is ready when the sound is decoded. */
export function startSpeechModel(): SpeechModel {
  const file = new URL('./speech.thread.ts', import.meta.url);
  const thread = startThread<SpeechQuestion, MouthTargets>(file, 'The speech model');
  return {
    analyse: (samples, options) => thread.ask({ samples, options }, [samples.buffer]),
    stop: () => thread.stop(),
  };
}
