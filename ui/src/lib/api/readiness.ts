import * as v from 'valibot';
import { unreachable } from './errors.ts';

const ReadinessSchema = v.object({
  parts: v.record(v.string(), v.object({ ready: v.boolean(), message: v.optional(v.string()) })),
});

export type Readiness = { parts: { name: string; ready: boolean; message: string | null }[] };

/** Whether database, storage and queue are ready. It lies outside the API's own path: `/readyz`. */
export async function readReadiness(): Promise<Readiness> {
  let answer: unknown;
  try {
    // 503 says as much as 200: which part is not ready.
    answer = await (await fetch('/readyz')).json();
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) throw unreachable();
    throw error;
  }
  const { parts } = v.parse(ReadinessSchema, answer);
  return {
    parts: Object.entries(parts).map(([name, part]) => ({
      name,
      ready: part.ready,
      message: part.message ?? null,
    })),
  };
}
