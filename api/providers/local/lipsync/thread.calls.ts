import { parentPort } from 'node:worker_threads';
import { errorMessage } from '../../../shared/errors';

/**
 * Questions to a thread and their answers. What is worked on there is large, so buffers move to the thread
 * and back without being copied; and a thread that crashed or was stopped answers nobody any more, so
 * whoever still waits gets an error (comlink lets them wait for good: decision 0260).
 */
export type Thread<Question, Answer> = {
  /** @param moved buffers of the question, of no use here afterwards */
  ask(question: Question, moved: ArrayBuffer[]): Promise<Answer>;
  /** Ends the thread. */
  stop(): void;
};

type Call<Question> = { id: number; question: Question };
type Reply<Answer> =
  | { id: number; kind: 'answer'; answer: Answer }
  | { id: number; kind: 'failed'; message: string };

/**
 * Starts a thread whose file calls `answerCalls`; it may be asked before it is ready.
 * @param does what it does, for the texts of errors
 */
export function startThread<Question, Answer>(file: URL, does: string): Thread<Question, Answer> {
  const waiting = new Map<number, PromiseWithResolvers<Answer>>();
  let asked = 0;
  let ended: Error | null = null;
  const worker = new Worker(file.href, { smol: true });
  const end = (reason: Error): void => {
    ended ??= reason;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  worker.onmessage = ({ data }: MessageEvent<Reply<Answer>>) => {
    const caller = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.kind === 'answer') caller?.resolve(data.answer);
    else caller?.reject(new Error(`${does} failed: ${data.message}`));
  };
  worker.onerror = ({ message }) => end(new Error(`${does} could not be run: ${message}`));
  return {
    async ask(question, moved) {
      if (ended) throw ended;
      const caller = Promise.withResolvers<Answer>();
      const id = asked++;
      waiting.set(id, caller);
      worker.postMessage({ id, question } satisfies Call<Question>, moved);
      return caller.promise;
    },
    stop() {
      worker.terminate();
      end(new Error(`${does} was stopped.`));
    },
  };
}

/** The thread's side: answers each question; `moved` are buffers of the answer that need not stay here. */
export function answerCalls<Question, Answer>(
  answerOf: (
    question: Question,
  ) => { answer: Answer; moved: ArrayBuffer[] } | Promise<{ answer: Answer; moved: ArrayBuffer[] }>,
): void {
  const port = parentPort;
  port?.on('message', async ({ id, question }: Call<Question>) => {
    try {
      const { answer, moved } = await answerOf(question);
      port.postMessage({ id, kind: 'answer', answer } satisfies Reply<Answer>, moved);
    } catch (error) {
      port.postMessage({ id, kind: 'failed', message: errorMessage(error) } satisfies Reply<Answer>);
    }
  });
}
