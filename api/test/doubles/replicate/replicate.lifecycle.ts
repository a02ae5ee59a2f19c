import { type DoubleOutput, readOutput } from '../http/output';
import type { OutputsServer } from '../http/outputs.server';
import type { Create, Prediction, PredictionScript, PredictionStatus } from './replicate.types';

export type Entry = {
  prediction: Prediction;
  script: PredictionScript;
  create: Create;
  /** How many of the script's statuses were gone through. */
  steps: number;
  /** What a file of the API gives, for `outputAs: 'api-file'`. */
  output: DoubleOutput | null;
  downloads: number;
  inputs: Promise<Record<string, Uint8Array>>;
  /** Resolves when the prediction has ended. */
  ended: Promise<void>;
  markEnded(): void;
};

const FINAL = ['succeeded', 'failed', 'canceled', 'aborted'];
export const isFinal = (status: PredictionStatus): boolean => FINAL.includes(status);

/** Aborted, or canceled before it started: free. Everything else is taken as charged. */
export const isCharged = ({ status, started_at }: Prediction): boolean =>
  status !== 'aborted' && !(status === 'canceled' && started_at === null);

const NO_OUTPUT: DoubleOutput = {
  bytes: new TextEncoder().encode('no output scripted'),
  contentType: 'text/plain',
};

/** Moves predictions along their scripts. `api`: the base URL of the double's API. */
export function createLifecycle(of: {
  clock: () => Date;
  outputs: OutputsServer;
  api: () => string;
  onEnded: (entry: Entry) => void;
}) {
  async function outputValue({ prediction, script }: Entry, output: DoubleOutput): Promise<unknown> {
    if (script.outputAs === 'data-uri') {
      return `data:${output.contentType};base64,${Buffer.from(await readOutput(output)).toString('base64')}`;
    }
    if (script.outputAs === 'api-file') return `${of.api()}/files/${prediction.id}`;
    const url = of.outputs.hold(prediction.id, output);
    return script.outputAs === 'array' ? [url] : url;
  }

  async function succeed(entry: Entry): Promise<void> {
    const { prediction, script } = entry;
    try {
      const inputs = await entry.inputs;
      const made =
        typeof script.output === 'function' ? await script.output(inputs, entry.create) : script.output;
      if (isFinal(prediction.status)) return;
      entry.output = made ?? NO_OUTPUT;
      prediction.output = await outputValue(entry, entry.output);
      prediction.metrics = script.metrics ?? { predict_time: 4.2, total_time: 5 };
      prediction.status = 'succeeded';
      if (script.dataRemoved) removeData(entry);
    } catch (error) {
      prediction.error = `E1000: ${error instanceof Error ? error.message : String(error)}`;
      prediction.status = 'failed';
    }
  }

  async function enter(entry: Entry, status: PredictionStatus): Promise<void> {
    const { prediction, script } = entry;
    if (isFinal(prediction.status)) return;
    const now = of.clock().toISOString();
    const begins = !['starting', 'aborted', 'canceled'].includes(status);
    if (begins) prediction.started_at ??= now;
    if (status === 'succeeded') await succeed(entry);
    else prediction.status = status;
    prediction.logs = script.logs ?? prediction.logs;
    if (status === 'failed') prediction.error = script.error ?? 'E1000: unknown error';
    if (!isFinal(prediction.status) || prediction.completed_at !== null) return;
    prediction.completed_at = now;
    entry.markEnded();
    of.onEnded(entry);
  }

  function removeData({ prediction }: Entry): void {
    prediction.output = null;
    prediction.data_removed = true;
    of.outputs.remove(prediction.id);
  }

  return {
    enter,
    removeData,
    /** The deadline of `Cancel-After`: not started by then is aborted (free), running is canceled. */
    async keepDeadline(entry: Entry): Promise<void> {
      const { deadline, status, started_at } = entry.prediction;
      if (deadline === null || isFinal(status) || of.clock() < new Date(deadline)) return;
      await enter(entry, started_at === null ? 'aborted' : 'canceled');
    },
    /** One status further; the last one stays. */
    async step(entry: Entry): Promise<boolean> {
      const statuses = entry.script.statuses ?? ['processing', 'succeeded'];
      const next = statuses[Math.min(entry.steps, statuses.length - 1)];
      entry.steps += 1;
      if (next !== undefined) await enter(entry, next);
      return entry.steps < statuses.length;
    },
  };
}
