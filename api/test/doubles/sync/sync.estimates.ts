import * as v from 'valibot';
import { json, type Reply } from '../http/double.server';
import { estimateUnavailable, problem } from './sync.errors';

/** US dollars a second at 25 frames a second: the upper ends of the vendor's list of October 2026. */
const USD_PER_SECOND: Record<string, number> = { 'lipsync-2': 0.05, 'lipsync-2-pro': 0.083, 'sync-3': 0.133 };
const BILLED_FPS = 25;
/** A credit is taken as a cent; the vendor's documentation doesn't say. */
const CREDITS_PER_USD = 100;

const EstimateSchema = v.object({ model: v.string(), duration: v.number(), fps: v.number() });

export type CostEstimate = { estimatedFrameCount: number; estimatedGenerationCost: number };

/** What `frames` frames cost; null for models without a price. */
export function costOf(model: string, frames: number): CostEstimate | null {
  const price = USD_PER_SECOND[model];
  if (price === undefined) return null;
  return { estimatedFrameCount: frames, estimatedGenerationCost: (frames / BILLED_FPS) * price };
}

/** `POST /v2/generations/estimate`: {model, duration, fps}. */
export function answerEstimate(body: unknown): Reply {
  const parsed = v.safeParse(EstimateSchema, body);
  if (!parsed.success) return problem(400, { message: parsed.issues.map(({ message }) => message) });
  const { model, duration, fps } = parsed.output;
  const cost = costOf(model, Math.round(duration * fps));
  if (cost === null) return estimateUnavailable();
  return json(200, { ...cost, estimatedCredits: Math.ceil(cost.estimatedGenerationCost * CREDITS_PER_USD) });
}

/** The older `POST /v2/analyze/cost`: a create's body, answered with a list. */
export function answerAnalysis(model: string, seconds: number): Reply {
  const cost = costOf(model, Math.round(seconds * BILLED_FPS));
  return cost === null ? estimateUnavailable() : json(200, [cost]);
}
