import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ERRORS, Server } from '@tus/server';
import * as v from 'valibot';
import type { Job } from '../../contract/job.schema';
import { badInput, issuesOf } from '../../http/http.validate';
import type { ReceivedFile } from '../../library/received-file.rules';
import type { Clock } from '../../shared/clock';
import { AppError } from '../../shared/errors';
import type { NewId } from '../../shared/ids';
import { errorText, inTheirWords } from './resumable.errors';
import { BoundedStore, withCaller } from './resumable.store';
import { fileTooLarge, uploadBusy } from './uploads.errors';
import { cleanFileName } from './uploads.receive';
import type { UploadSpace } from './uploads.space';
import type { ClipChoice, UploadUsecases } from './uploads.usecases';

/** An upload that is not whole after a day is given up. */
const KEPT_MS = 24 * 60 * 60 * 1000;

/** As `newId` makes them. */
const IS_ID = /^[0-9a-f-]{36}$/;

/** What the first request says of the file (`Upload-Metadata`). */
const TargetSchema = v.variant(
  'kind',
  [
    v.object({ kind: v.literal('song'), projectId: v.string(), filename: v.optional(v.string()) }),
    v.pipe(
      v.object({
        kind: v.picklist(['clip', 'image']),
        projectId: v.string(),
        sequence: v.optional(v.string()),
        sceneId: v.optional(v.string()),
        filename: v.optional(v.string()),
      }),
      v.check(
        ({ sequence, sceneId }) => sequence === undefined || sceneId === undefined,
        'Clips and images have either the sceneId or the sequence of their scene, or none of both.',
      ),
    ),
  ],
  'kind must be "song", "clip" or "image".',
);
type Target = v.InferOutput<typeof TargetSchema>;

/** What a clip or image is for: by its id a scene is found wherever it was moved to meanwhile. */
function choiceOf({ sceneId, sequence }: Exclude<Target, { kind: 'song' }>): ClipChoice {
  if (sceneId !== undefined) return { sceneId };
  return sequence === undefined ? { media: true } : { sequence };
}

export type ResumableUploads = {
  /** Answers every request of the protocol; `caller` is for whom new uploads are counted. */
  handle(request: Request, caller: string): Promise<Response>;
  /** Deletes what was given up; resolves to the number of uploads. */
  prune(): Promise<number>;
};

/**
 * Uploads that go on where they stopped, by the tus 1.0 protocol (https://tus.io). The bytes wait in
 * `directory` until they are all there; then the file takes the way of any other upload, and the last
 * request is answered with its job.
 */
export async function createResumableUploads(deps: {
  /** On the same disk as `uploadsDirectory`, and not in it: what lies there is whole. */
  directory: string;
  uploadsDirectory: string;
  path: string;
  maxBytes: number;
  newId: NewId;
  clock: Clock;
  space: UploadSpace;
  uploads: Pick<UploadUsecases, 'song' | 'clip' | 'image' | 'songTarget' | 'clipTarget'>;
}): Promise<ResumableUploads> {
  const { directory, uploads } = deps;
  await mkdir(directory, { recursive: true });
  await mkdir(deps.uploadsDirectory, { recursive: true });
  /** What broke within the protocol's server, which would tell it to the caller as it is. */
  const broken = new WeakMap<Request, Error>();
  const callers = new WeakMap<Request, string>();
  const store = new BoundedStore({ directory, keptMs: KEPT_MS, space: deps.space });

  async function take(id: string, target: Target, signal: AbortSignal): Promise<Job> {
    const received = await receive(id, target.filename);
    const incoming = { received, signal };
    if (target.kind === 'song') return uploads.song(target.projectId, incoming);
    return uploads[target.kind](target.projectId, choiceOf(target), incoming);
  }

  async function receive(id: string, fileName: string | undefined): Promise<ReceivedFile> {
    const path = join(deps.uploadsDirectory, deps.newId());
    await rename(join(directory, id), path);
    await rm(join(directory, `${id}.json`), { force: true });
    const hash = new Bun.CryptoHasher('sha256');
    let bytes = 0;
    for await (const chunk of Bun.file(path).stream()) {
      hash.update(chunk);
      bytes += chunk.byteLength;
    }
    return { path, fileName: cleanFileName(fileName, 'upload'), bytes, sha256: hash.digest('hex') };
  }

  const server = new Server({
    path: deps.path,
    datastore: store,
    maxSize: deps.maxBytes,
    relativeLocation: true,
    // CORS is the app's own, by its settings.
    allowedOrigins: [],
    namingFunction: () => deps.newId(),
    // The names of files beside an upload are no ids.
    getFileIdFromRequest: (_request, id) => (id !== undefined && IS_ID.test(id) ? id : undefined),
    // Refused before the first byte, as far as that can be known.
    onUploadCreate: (request, upload) =>
      inTheirWords(async () => {
        const target = targetOf(upload.metadata);
        if (target.kind === 'song') await uploads.songTarget(target.projectId);
        else await uploads.clipTarget(target.projectId, choiceOf(target));
        return { metadata: withCaller(upload.metadata, callers.get(request) ?? '') };
      }),
    onUploadFinish: (request, upload) =>
      inTheirWords(async () => {
        const job = await take(upload.id, targetOf(upload.metadata), request.signal);
        return {
          status_code: 200,
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(job),
        };
      }),
    onResponseError: (request, error) => {
      if (!('status_code' in error)) {
        broken.set(request, error);
        return;
      }
      if (error.status_code === 413) {
        return { status_code: 413, body: errorText(fileTooLarge(deps.maxBytes)) };
      }
      if (error.body === ERRORS.ERR_LOCK_TIMEOUT.body) {
        return { status_code: 409, body: errorText(uploadBusy()) };
      }
      return;
    },
  });

  return {
    async handle(request, caller) {
      callers.set(request, caller);
      const response = await server.handleWeb(request);
      const failure = broken.get(request);
      if (failure !== undefined) throw failure;
      return inTheStudiosForm(response);
    },
    prune: () => store.prune(deps.clock.now()),
  };
}

function targetOf(metadata: Record<string, string | null> | undefined): Target {
  const given = Object.fromEntries(Object.entries(metadata ?? {}).filter(([, value]) => value !== null));
  const parsed = v.safeParse(TargetSchema, given);
  if (!parsed.success) throw badInput(issuesOf(parsed.issues));
  return parsed.output;
}

/** The protocol's server refuses in plain text; every error of the studio has the one form. */
async function inTheStudiosForm(response: Response): Promise<Response> {
  if (response.status < 400) return response;
  const text = (await response.text()).trim();
  const body = text.startsWith('{')
    ? text
    : errorText(
        new AppError({
          code: 'UploadProtocol',
          status: response.status,
          message: `${text === '' ? 'The request was refused' : text}. See the tus protocol, 1.0 (https://tus.io).`,
        }),
      );
  const headers = new Headers(response.headers);
  headers.delete('Content-Length');
  headers.set('Content-Type', 'application/json');
  return new Response(body, { status: response.status, headers });
}
