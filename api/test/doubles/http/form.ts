import { Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';

/** One part of a multipart form. */
export type FormPart = { name: string; fileName: string | null; contentType: string; bytes: Uint8Array };

/** Reads a multipart body. (The runtime's own parser loses the content types of parts.) */
export function readForm(body: Uint8Array, contentType: string): Promise<FormPart[]> {
  return new Promise((resolve, reject) => {
    const parts: FormPart[] = [];
    const busboy = new Busboy({ headers: { 'content-type': contentType } });
    busboy.on('field', (name, value) => {
      parts.push({ name, fileName: null, contentType: 'text/plain', bytes: new TextEncoder().encode(value) });
    });
    busboy.on('file', (name, stream, fileName, _encoding, type) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () =>
        parts.push({ name, fileName: fileName ?? null, contentType: type, bytes: Buffer.concat(chunks) }),
      );
    });
    busboy.once('finish', () => resolve(parts));
    busboy.once('error', reject);
    Readable.from([body]).pipe(busboy);
  });
}
