import { rm, stat } from 'node:fs/promises';
import { fileTypeFromFile } from 'file-type';
import type { ErrorCode } from '../../contract/error.catalogue';
import { AppError, errorMessage, hasCode } from '../../shared/errors';
import type { FetchToFile } from '../provider.types';
import type { OutputPlace } from './remote.types';

export type OutputKind = 'video' | 'image';

/** What the file holds, counted after it was fetched; null where it can't be told. */
export type OutputFacts = { bytes: number; mimeType: string; frames: number | null; seconds: number | null };

/** Counts a file's frames; throws when it can't be read as a video. Given by api/media. */
export type InspectVideo = (
  path: string,
  signal: AbortSignal,
) => Promise<{ frames: number | null; seconds: number | null }>;

/** `broken` and `gone`: fetching again, from a fresh URL, may help. `bad`: what was made is no use. */
export type Fetched =
  | { kind: 'good'; facts: OutputFacts }
  | { kind: 'broken'; reason: string }
  /** Its own host says that it is not there. */
  | { kind: 'gone'; reason: string }
  | { kind: 'bad'; reason: string };

/** Refusals of the guarded fetch that stay whatever is tried. */
const FINAL_CODES = new Set<ErrorCode>(['UrlTooLarge', 'UrlNotAllowed']);

/** Fetches an output into a file and looks whether it is what was paid for. Nothing stays on failure. */
export async function fetchOutput(options: {
  place: OutputPlace;
  path: string;
  kind: OutputKind;
  maxBytes: number;
  fetchToFile: FetchToFile;
  inspectVideo: InspectVideo | null;
  signal: AbortSignal;
}): Promise<Fetched> {
  const { place, path, signal, maxBytes } = options;
  await rm(path, { force: true });
  try {
    if ('bytes' in place) {
      if (place.bytes.length > maxBytes)
        return { kind: 'bad', reason: `it is larger than ${maxBytes} bytes` };
      await Bun.write(path, place.bytes);
    } else await options.fetchToFile(place.url, path, { maxBytes, signal, headers: place.headers });
  } catch (thrown) {
    signal.throwIfAborted();
    const reason = errorMessage(thrown);
    if (isFinal(thrown)) return { kind: 'bad', reason };
    return { kind: isGone(thrown) ? 'gone' : 'broken', reason };
  }
  const checked = await check(options);
  if (checked.kind !== 'good') await rm(path, { force: true });
  return checked;
}

const isFinal = (thrown: unknown): boolean => thrown instanceof AppError && FINAL_CODES.has(thrown.code);

const isGone = (thrown: unknown): boolean =>
  hasCode(thrown, 'UrlNotFetched') && [404, 410].includes(thrown.details?.answered ?? 0);

async function check(options: Parameters<typeof fetchOutput>[0]): Promise<Fetched> {
  const { path, kind, signal } = options;
  const { size } = await stat(path);
  if (size === 0) return { kind: 'bad', reason: 'it is empty' };
  const type = await fileTypeFromFile(path);
  if (type === undefined || !type.mime.startsWith(`${kind}/`)) {
    return {
      kind: 'bad',
      reason: `it is ${type?.mime ?? 'no media'} instead of ${kind === 'video' ? 'a video' : 'an image'}`,
    };
  }
  const facts = { bytes: size, mimeType: type.mime, frames: null, seconds: null };
  if (kind === 'image' || options.inspectVideo === null) return { kind: 'good', facts };
  try {
    return { kind: 'good', facts: { ...facts, ...(await options.inspectVideo(path, signal)) } };
  } catch (thrown) {
    signal.throwIfAborted();
    return { kind: 'bad', reason: `it can’t be read as a video (${errorMessage(thrown)})` };
  }
}
