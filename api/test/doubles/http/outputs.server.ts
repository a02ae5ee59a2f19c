import { startDoubleServer } from './double.server';
import { type DoubleOutput, isSpoiled, serveOutput } from './output';

export type OutputsServer = Awaited<ReturnType<typeof startOutputsServer>>;

/**
 * The public host of a provider's results and of presigned uploads, on a port of its own as it is a
 * host of its own: the account's token has no business here, and who sends it is written down in
 * `leaks`.
 */
export async function startOutputsServer(names: { tokenHeader: string }) {
  const outputs = new Map<string, { output: DoubleOutput; downloads: number }>();
  /** Uploads that were announced: null until their bytes come. */
  const uploads = new Map<string, Uint8Array | null>();
  const leaks: string[] = [];
  let struck = 0;
  const server = await startDoubleServer((request) => {
    if (request.headers[names.tokenHeader] !== undefined) leaks.push(request.path);
    const id = request.path.slice(1).replace(/\/output$/, '');
    if (request.method === 'PUT') {
      if (!uploads.has(id)) return { status: 403, body: 'SignatureDoesNotMatch' };
      uploads.set(id, request.body);
      return { status: 200 };
    }
    const uploaded = uploads.get(id);
    if (uploaded) return { status: 200, body: uploaded };
    const held = outputs.get(id);
    if (held === undefined) return { status: 404, body: 'Not found.' };
    const own = { path: request.path, followed: request.query.has('followed') };
    if (isSpoiled(held.output, held.downloads)) struck += 1;
    return serveOutput(held.output, held.downloads++, own);
  });
  return {
    url: server.url,
    seen: server.seen,
    leaks,
    /** How many downloads were spoiled. */
    struck: () => struck,
    /** `insteadOf`: another URL of the same output; what was downloaded there counts for `faultTimes`. */
    hold(id: string, output: DoubleOutput, insteadOf?: string): string {
      const before = insteadOf === undefined ? undefined : outputs.get(insteadOf);
      outputs.set(id, { output, downloads: before?.downloads ?? 0 });
      return `${server.url}/${id}/output`;
    },
    /** Gives the URL at which bytes may be PUT; without a query they can be read there again. */
    expectUpload(id: string): string {
      uploads.set(id, null);
      return `${server.url}/${id}`;
    },
    uploads,
    remove: (id: string) => outputs.delete(id),
    close: () => server.close(),
  };
}
