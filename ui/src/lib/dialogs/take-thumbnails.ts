import type { Take } from '#contract/take.schema';

/**
 * The take with its picture and its filmstrip, made by the server when it has none yet. Without an
 * answer it stays as it is: pictures are a help, and what they stand for works without them.
 */
export async function withPictures(projectId: string, take: Take): Promise<Take> {
  if (take.posterUrl !== null && (take.filmstrip !== null || take.kind === 'image')) return take;
  try {
    const response = await fetch(`/api/mv/projects/${projectId}/takes/${take.id}/pictures`, {
      method: 'POST',
    });
    return response.ok ? await response.json() : take;
  } catch (error) {
    if (error instanceof TypeError) return take;
    throw error;
  }
}
