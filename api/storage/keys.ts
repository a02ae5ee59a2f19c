import type { NewId } from '../shared/ids';

/**
 * Every key ends in a new id, so no key is ever used for two files and a URL never changes what it
 * shows. Keys of one project lie under one prefix.
 */

/** What the studio writes in a bucket lies under these prefixes; anything else is never touched. */
export const ourPrefixes = ['projects/', 'videos/', 'temporary/', 'checks/'] as const;

/** `mp4` of `My Clip.MP4`; `bin` when there is no usable ending. */
export function extensionOf(fileName: string): string {
  const match = /\.([a-z0-9]{1,8})$/i.exec(fileName);
  return match?.[1]?.toLowerCase() ?? 'bin';
}

function checkedPart(part: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(part))
    throw new RangeError(`"${part}" cannot be a part of an S3 key.`);
  return part;
}

function key(parts: string[], extension: string, newId: NewId): string {
  return `${parts.map(checkedPart).join('/')}/${checkedPart(newId())}.${checkedPart(extension)}`;
}

/** The song: as uploaded, decoded, and encoded. */
export function songKey(
  projectId: string,
  version: 'source' | 'master' | 'encoded',
  extension: string,
  newId: NewId,
): string {
  return key(['projects', projectId, 'song', version], extension, newId);
}

/** A scene's media: the file as it came (`source`) or a take. */
export function takeKey(
  projectId: string,
  sceneId: string,
  kind: 'source' | 'image' | 'original' | 'trimmed' | 'lipsynced',
  extension: string,
  newId: NewId,
): string {
  return key(['projects', projectId, 'scenes', sceneId, kind], extension, newId);
}

/** A picture that guides generation: a character or a product. */
export function referenceImageKey(projectId: string, extension: string, newId: NewId): string {
  return key(['projects', projectId, 'references'], extension, newId);
}

/** A finished video of a project. */
export function compositionKey(projectId: string, newId: NewId): string {
  return key(['projects', projectId, 'final'], 'mp4', newId);
}

/** A video made outside any scene. */
export function videoKey(extension: string, newId: NewId): string {
  return key(['videos'], extension, newId);
}

/** An object that only a job needs (a slice for a provider); it is deleted when the job ends. */
export function temporaryKey(jobId: string, extension: string, newId: NewId): string {
  return key(['temporary', jobId], extension, newId);
}

/** The object of a round trip made by the doctor. */
export function checkKey(newId: NewId): string {
  return key(['checks'], 'txt', newId);
}
