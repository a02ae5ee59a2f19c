import * as v from 'valibot';
import { LipsyncOptionsSchema } from '../../contract/lipsync.schema';
import type { TakeRow } from '../../library/takes.rules';

/** What a scene's lip-sync job was asked for; recorded when it was asked, so that later edits don't change it. */
export const SceneLipsyncJobSchema = v.object({
  /** The un-synced clip that is synced; null while it is still being made. */
  parentTakeId: v.nullable(v.string()),
  songId: v.string(),
  startFrame: v.number(),
  endFrame: v.number(),
  lipsync: LipsyncOptionsSchema,
});
export type SceneLipsyncJob = v.InferOutput<typeof SceneLipsyncJobSchema>;

/**
 * The un-synced take that a lip-sync starts from: a synced clip is never synced again.
 * Null when the chain of parents is broken.
 */
export function unsyncedParent(current: TakeRow, takes: TakeRow[]): TakeRow | null {
  const byId = new Map(takes.map((take) => [take.id, take]));
  let take: TakeRow | undefined = current;
  const seen = new Set<string>();
  while (take !== undefined && take.kind === 'lipsynced' && !seen.has(take.id)) {
    seen.add(take.id);
    take = take.parentId === null ? undefined : byId.get(take.parentId);
  }
  return take === undefined || take.kind === 'lipsynced' ? null : take;
}

const flagTexts: Record<string, boolean> = { true: true, '1': true, false: false, '0': false };

/**
 * Lip-sync options given as query parameters, as the JSON they stand for. Texts that are no number or
 * truth value stay texts, so that the schema's message names them.
 */
export function optionsFromQuery(query: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(query).map(([name, text]) => {
      if (name === 'temperature') return [name, text.trim() === '' ? text : numberOrText(text)];
      if (name === 'active_speaker_detection' || name === 'occlusion_detection_enabled') {
        return [name, flagTexts[text] ?? text];
      }
      return [name, text];
    }),
  );
}

/** The options of a request: the body's, and those of the query that the body leaves out or has as null. */
export function optionsOf(
  query: Record<string, string>,
  body: Record<string, unknown>,
): Record<string, unknown> {
  const inQuery = optionsFromQuery(query);
  const given = Object.entries(body).filter(
    ([name, value]) => value !== null || !Object.hasOwn(inQuery, name),
  );
  return { ...inQuery, ...Object.fromEntries(given) };
}

function numberOrText(text: string): number | string {
  const value = Number(text);
  return Number.isNaN(value) ? text : value;
}
