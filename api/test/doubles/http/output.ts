import { type Answer, json, type Reply } from './double.server';

/**
 * What is wrong with what the URL of a result gives: `expired` 403, `gone` 404, `server-error` 503,
 * `truncated` half of the promised bytes, `empty` no bytes, `not-media` a page, `huge` bytes without
 * end, `redirect` to the good bytes, `redirect-loop` to itself.
 */
export type OutputFault =
  | 'expired'
  | 'gone'
  | 'server-error'
  | 'truncated'
  | 'empty'
  | 'not-media'
  | 'huge'
  | 'redirect'
  | 'redirect-loop';

export type DoubleOutput = {
  /** `Bun.file(path)` is a Blob. A result that is frames too short is such a file of the test. */
  bytes: Uint8Array | Blob;
  contentType: string;
  fault?: OutputFault;
  /** How many downloads the fault spoils; all when left out. */
  faultTimes?: number;
  /** How many bytes `huge` sends. Default 64 MiB. */
  hugeBytes?: number;
};

const HUGE_BYTES = 64 * 1024 * 1024;

export const readOutput = async (output: DoubleOutput): Promise<Uint8Array> =>
  output.bytes instanceof Blob ? new Uint8Array(await output.bytes.arrayBuffer()) : output.bytes;

/** Whether the next download is spoiled; `downloads`: how often it was asked for before. */
export const isSpoiled = ({ fault, faultTimes }: DoubleOutput, downloads: number): boolean =>
  fault !== undefined && downloads < (faultTimes ?? Number.POSITIVE_INFINITY);

/** How a provider's file host answers; `downloads`: how often it was asked before; `ownPath`: of this URL. */
export async function serveOutput(
  output: DoubleOutput,
  downloads: number,
  own: { path: string; followed: boolean },
): Promise<Reply> {
  const body = await readOutput(output);
  const good: Answer = { status: 200, headers: { 'Content-Type': output.contentType }, body };
  if (output.fault === undefined || !isSpoiled(output, downloads)) return good;
  switch (output.fault) {
    case 'expired':
      return json(403, { detail: 'Request has expired' });
    case 'gone':
      return json(404, { detail: 'Not found.' });
    case 'server-error':
      return json(503, { detail: 'Try again.' });
    case 'truncated':
      return { ...good, body: body.slice(0, Math.floor(body.length / 2)), declaredBytes: body.length };
    case 'empty':
      return { ...good, body: '' };
    case 'not-media':
      return { ...good, body: '<html><body>Please sign in</body></html>' };
    case 'huge':
      return { status: 200, headers: { ...good.headers }, endlessBytes: output.hugeBytes ?? HUGE_BYTES };
    case 'redirect':
      return own.followed ? good : { status: 302, headers: { Location: `${own.path}?followed=1` } };
    case 'redirect-loop':
      return { status: 302, headers: { Location: own.path } };
  }
}
