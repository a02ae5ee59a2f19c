import type { Take } from '#contract/take.schema';
import { api, body } from '#lib/api/client.ts';
import { ApiError } from '#lib/api/errors.ts';

/**
 * The take with its picture and its filmstrip, made by the server when it has none yet. Without an
 * answer it stays as it is: pictures are a help, and what they stand for works without them.
 */
export async function withPictures(projectId: string, take: Take): Promise<Take> {
  if (take.posterUrl !== null && (take.filmstrip !== null || take.kind === 'image')) return take;
  try {
    const param = { projectId, takeId: take.id };
    return await body(api.projects[':projectId'].takes[':takeId'].pictures.$post({ param }));
  } catch (error) {
    if (error instanceof ApiError) return take;
    throw error;
  }
}
