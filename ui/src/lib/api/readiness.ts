import { readyz } from './client.ts';
import { unreachable } from './errors.ts';

export type Readiness = { parts: { name: string; ready: boolean; message: string | null }[] };

/** Whether database, storage and queue are ready. @throws ApiError `Unreachable` */
export async function readReadiness(): Promise<Readiness> {
  try {
    // 503 says as much as 200: which part is not ready.
    const { parts } = await (await readyz.$get()).json();
    return {
      parts: Object.entries(parts).map(([name, part]) => ({
        name,
        ready: part.ready,
        message: part.message ?? null,
      })),
    };
  } catch (error) {
    // A proxy answers in its own way when the studio is not there.
    if (error instanceof SyntaxError) throw unreachable();
    throw error;
  }
}
