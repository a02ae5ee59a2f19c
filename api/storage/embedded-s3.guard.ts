import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable, Transform } from 'node:stream';
import type { StoreRequest } from '@20minutes/s3rver';
import S3Error from '@20minutes/s3rver/lib/models/error.js';
import { errorMessage } from '../shared/errors';
import type { Log } from '../shared/log';
import { type EmbeddedS3Identity, proof, proofNonce } from './embedded-s3.identity';
import { type Operation, recognise } from './embedded-s3.operations';
import { createSignatureCheck } from './embedded-s3.signature';

/** A page that a browser got from another name, which was then made to point here, sends that name. */
const loopbackHost = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/;

/**
 * Stands in front of the package, which serves whoever asks: nothing gets to it but operations of our own
 * client, signed with the store's key, put together anew from what was recognised. Everybody else gets 403,
 * no other origin is ever named in an answer.
 */
export function createGuard(options: {
  identity: EmbeddedS3Identity;
  /** Over loopback only names of loopback are answered. */
  checkHost: boolean;
  now: () => Date;
  log: Log;
  serve: (request: StoreRequest, response: ServerResponse) => void;
}): RequestListener {
  const { identity, checkHost, log, serve } = options;
  const checkSignature = createSignatureCheck({ credentials: identity, now: options.now });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', rawHeaders } = request;
    const hostIsRight = !checkHost || loopbackHost.test(request.headers.host ?? '');
    const nonce = method === 'GET' && hostIsRight ? proofNonce(url) : null;
    if (nonce !== null) {
      response.end(proof(identity, nonce));
      return;
    }
    const operation = hostIsRight ? recognise({ method, url, rawHeaders }) : null;
    if (operation === null) return refuse(request, response, 'AccessDenied');
    const wrong = await checkSignature(operation);
    if (wrong !== null) return refuse(request, response, wrong);
    const body = await bodyOf(operation, request);
    if (body === null) return refuse(request, response, 'BadDigest');
    const { headers } = operation;
    serve(
      Object.assign(body, {
        method: operation.method,
        url: operation.url,
        headers: { ...headers },
        socket: request.socket,
      }),
      response,
    );
  }

  return (request, response) => {
    // The socket: a response that is destroyed before its head is sent as 200 by Bun.
    answer(request, response).catch((thrown) => {
      log.debug({ reason: errorMessage(thrown) }, 'embedded_s3_request_broken');
      request.socket.destroy();
    });
  };
}

function refuse(request: IncomingMessage, response: ServerResponse, code: string): void {
  // Read to its end, so that a client that is still sending gets to see the answer.
  request.resume();
  response.writeHead(code === 'BadDigest' ? 400 : 403, { 'content-type': 'application/xml' });
  const message = 'Only the studio itself is served here.';
  const text = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  response.end(request.method === 'HEAD' ? undefined : text);
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** The body for the package; it fails at its end when it has other bytes than were signed. */
async function bodyOf(operation: Operation, request: IncomingMessage): Promise<Readable | null> {
  switch (operation.body) {
    case 'none':
      return Readable.from([]);
    case 'document': {
      // Small: read whole, so that the package never acts on other bytes.
      const chunks: Uint8Array[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const document = Buffer.concat(chunks);
      return sha256(document) === operation.sha256 ? Readable.from([document]) : null;
    }
    case 'stream':
      return verified(operation, request);
  }
}

function verified(operation: Operation, request: IncomingMessage): Readable {
  const hash = new Bun.CryptoHasher('sha256');
  let bytes = 0;
  const body = new Transform({
    highWaterMark: 256 * 1024,
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
    flush(done) {
      const same = bytes === operation.bodyBytes && hash.digest('hex') === operation.sha256;
      done(same ? null : new S3Error('BadDigest', 'The body is not the one that was signed.'));
    },
  });
  // It may fail before anybody reads it, who will then be told.
  body.on('error', () => undefined);
  // Not pipeline(): it would destroy the request, and with it the connection that the answer needs.
  request.pipe(body);
  request.once('error', (error) => body.destroy(error));
  request.once('close', () => {
    if (!request.complete) body.destroy(new Error('The connection was closed before the body had ended.'));
  });
  return body;
}
