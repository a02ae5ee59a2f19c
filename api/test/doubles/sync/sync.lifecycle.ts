import type { DoubleOutput } from '../http/output';
import type { OutputsServer } from '../http/outputs.server';
import type { Create, Generation, GenerationScript, GenerationStatus } from './sync.types';

export type Entry = {
  generation: Generation;
  script: GenerationScript;
  create: Create;
  /** How many of the script's statuses were gone through. */
  steps: number;
  output: DoubleOutput | null;
  /** How many fresh URLs the download call gave. */
  freshUrls: number;
  inputs: Promise<Record<string, Uint8Array>>;
  /** Resolves when the generation has ended. */
  ended: Promise<void>;
  markEnded(): void;
};

const FINAL = ['COMPLETED', 'FAILED', 'REJECTED', 'CANCELED', 'TIMED_OUT'];
export const isFinal = (status: GenerationStatus): boolean => FINAL.includes(status);

const NO_OUTPUT: DoubleOutput = {
  bytes: new TextEncoder().encode('no output scripted'),
  contentType: 'text/plain',
};

/** Moves generations along their scripts. */
export function createLifecycle(of: { outputs: OutputsServer; onEnded: (entry: Entry) => void }) {
  async function complete(entry: Entry): Promise<void> {
    const { generation, script } = entry;
    try {
      const inputs = await entry.inputs;
      const made =
        typeof script.output === 'function' ? await script.output(inputs, entry.create) : script.output;
      if (isFinal(generation.status)) return;
      entry.output = made ?? NO_OUTPUT;
      const url = of.outputs.hold(generation.id, entry.output);
      const as = script.outputAs ?? 'outputUrl';
      if (as === 'outputUrl' || as === 'both') generation.outputUrl = url;
      if (as === 'outputMediaUrl' || as === 'both') generation.outputMediaUrl = url;
      generation.outputDuration = script.outputDuration ?? null;
      generation.status = 'COMPLETED';
    } catch (error) {
      generation.error = `The input could not be downloaded: ${error instanceof Error ? error.message : String(error)}`;
      generation.error_code = 'generation_input_download_failed';
      generation.status = 'FAILED';
    }
  }

  async function enter(entry: Entry, status: GenerationStatus): Promise<void> {
    const { generation, script } = entry;
    if (isFinal(generation.status)) return;
    if (status === 'COMPLETED') await complete(entry);
    else generation.status = status;
    if (status === 'FAILED' || status === 'REJECTED') {
      generation.error = script.error ?? 'An error occurred while making the generation.';
      generation.error_code = script.errorCode ?? 'generation_unhandled_error';
    }
    if (!isFinal(generation.status)) return;
    entry.markEnded();
    of.onEnded(entry);
  }

  return {
    enter,
    /** One status further; the last one stays. Tells whether there are more. */
    async step(entry: Entry): Promise<boolean> {
      const statuses = entry.script.statuses ?? ['PROCESSING', 'COMPLETED'];
      const next = statuses[Math.min(entry.steps, statuses.length - 1)];
      entry.steps += 1;
      if (next !== undefined) await enter(entry, next);
      return entry.steps < statuses.length;
    },
  };
}
