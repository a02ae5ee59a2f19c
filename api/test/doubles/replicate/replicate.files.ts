import { createHash } from 'node:crypto';
import { json, type Received, type Reply } from '../http/double.server';
import { readForm } from '../http/form';
import { newRemoteId } from './replicate.create';
import * as errors from './replicate.errors';

export type UploadedFile = { name: string; type: string; bytes: Uint8Array; createdAt: Date };

/** Files live a day at the vendor. */
const LIFE_MS = 86_400_000;

/**
 * `/files`: upload, list, read about, delete. `urls.get` answers the record to people's clients; the
 * vendor's own machines get the bytes there, here through `bytesAt`.
 */
export function createFiles(of: { limitBytes: number; clock: () => Date; api: () => string }) {
  const files = new Map<string, UploadedFile>();

  const record = (id: string, file: UploadedFile) => ({
    id,
    name: file.name,
    content_type: file.type,
    size: file.bytes.length,
    checksums: { sha256: createHash('sha256').update(file.bytes).digest('hex') },
    metadata: {},
    created_at: file.createdAt.toISOString(),
    expires_at: new Date(file.createdAt.getTime() + LIFE_MS).toISOString(),
    urls: { get: `${of.api()}/files/${id}` },
  });

  async function upload(request: Received): Promise<Reply> {
    const parts = await readForm(request.body, request.headers['content-type'] ?? '');
    const content = parts.find((part) => part.name === 'content');
    if (content === undefined) return errors.inputInvalid('content', 'content is required');
    if (content.bytes.length > of.limitBytes) return errors.tooLarge();
    const named = (name: string) => {
      const part = parts.find((candidate) => candidate.name === name);
      return part === undefined ? null : new TextDecoder().decode(part.bytes);
    };
    const id = newRemoteId();
    const file: UploadedFile = {
      name: named('filename') ?? content.fileName ?? id,
      type: named('type') ?? content.contentType,
      bytes: content.bytes,
      createdAt: of.clock(),
    };
    files.set(id, file);
    return json(201, record(id, file));
  }

  return {
    files,
    /** Bytes of an uploaded file that an input names by its URL; null when it is no such URL. */
    bytesAt(url: string): Uint8Array | null {
      const prefix = `${of.api()}/files/`;
      return url.startsWith(prefix) ? (files.get(url.slice(prefix.length))?.bytes ?? null) : null;
    },
    async answer(request: Received, id: string | null): Promise<Reply> {
      if (id === null && request.method === 'POST') return upload(request);
      if (id === null) {
        const results = [...files].map(([key, file]) => record(key, file));
        return json(200, { previous: null, next: null, results });
      }
      const file = files.get(id);
      if (file === undefined) return errors.notFound();
      if (request.method === 'DELETE') {
        files.delete(id);
        return { status: 204 };
      }
      return json(200, record(id, file));
    },
  };
}
