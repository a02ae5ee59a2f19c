import { type Answer, json, type Reply } from './double.server';

/** What is at the URL of a provider's result. */
export type OutputFault =
  | 'expired'
  | 'gone'
  | 'truncated'
  | 'empty'
  | 'not-media'
  | 'huge'
  | 'redirect'
  | 'server-error';

export type DoubleOutput = {
  bytes: Uint8Array;
  contentType: string;
  fault?: OutputFault;
  /** How many downloads the fault spoils; all when left out. */
  faultTimes?: number;
};

/** Larger than any bound a client of a test sets. */
const HUGE_BYTES = 64 * 1024 * 1024;

/** How a provider's file host answers for an output, `downloads` being how often it was asked before. */
export function serveOutput(output: DoubleOutput, downloads: number, ownUrl: string): Reply {
  const good: Answer = { status: 200, headers: { 'Content-Type': output.contentType }, body: output.bytes };
  if (output.fault === undefined || downloads >= (output.faultTimes ?? Number.POSITIVE_INFINITY)) return good;
  switch (output.fault) {
    case 'expired':
      return json(403, { detail: 'Request has expired' });
    case 'gone':
      return json(404, { detail: 'Not found.' });
    case 'server-error':
      return json(503, { detail: 'Try again.' });
    case 'truncated':
      return {
        ...good,
        body: output.bytes.slice(0, Math.floor(output.bytes.length / 2)),
        declaredBytes: output.bytes.length,
      };
    case 'empty':
      return { ...good, body: '' };
    case 'not-media':
      return { ...good, body: '<html><body>Please sign in</body></html>' };
    case 'huge':
      return { ...good, body: new Uint8Array(HUGE_BYTES) };
    case 'redirect':
      return { status: 302, headers: { Location: `${ownUrl}?followed=1` } };
  }
}
