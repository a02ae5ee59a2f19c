import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { type Operation, storeHost } from './embedded-s3.operations';

export const storeRegion = 'us-east-1';
/** As S3 has it: how far the clocks of client and store may be apart. */
const mostSkewMs = 15 * 60 * 1000;

/** SHA-256 and its HMAC in the form that the SDK's signer asks for. */
class Sha256 {
  #hash;
  constructor(private readonly secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = this.#fresh();
  }
  #fresh() {
    if (this.secret === undefined) return createHash('sha256');
    const { secret } = this;
    if (typeof secret === 'string') return createHmac('sha256', secret);
    return createHmac(
      'sha256',
      ArrayBuffer.isView(secret)
        ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
        : new Uint8Array(secret),
    );
  }
  update(chunk: Uint8Array) {
    this.#hash.update(chunk);
  }
  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#hash.digest());
  }
  reset() {
    this.#hash = this.#fresh();
  }
}

/** S3's error code for a signature that does not hold; null when it holds. */
export type SignatureCheck = (
  operation: Pick<Operation, 'signed' | 'authorization'>,
) => Promise<'AccessDenied' | 'InvalidAccessKeyId' | 'RequestTimeTooSkewed' | 'SignatureDoesNotMatch' | null>;

const form =
  /^AWS4-HMAC-SHA256 Credential=([A-Za-z0-9]{1,128})\/\d{8}\/[a-z0-9-]{1,64}\/s3\/aws4_request, SignedHeaders=([a-z0-9;-]{1,1024}), Signature=[0-9a-f]{64}$/;

/**
 * Signs a request anew with the SDK's own signer and compares all of the Authorization field: key, date,
 * region, service, the list of signed header fields (each one that `signed` holds must be in it) and the
 * signature. Only this form is taken: no query, no form field, nothing anonymous.
 */
export function createSignatureCheck(options: {
  credentials: { accessKeyId: string; secretAccessKey: string };
  now: () => Date;
}): SignatureCheck {
  const { credentials, now } = options;
  const signer = new SignatureV4({
    credentials: { accessKeyId: credentials.accessKeyId, secretAccessKey: credentials.secretAccessKey },
    region: storeRegion,
    service: 's3',
    sha256: Sha256,
    // S3 signs the path as it is sent.
    uriEscapePath: false,
    applyChecksum: false,
  });
  return async ({ signed, authorization }) => {
    const [, accessKeyId, names] = form.exec(authorization) ?? [];
    if (accessKeyId === undefined || names === undefined) return 'AccessDenied';
    if (accessKeyId !== credentials.accessKeyId) return 'InvalidAccessKeyId';
    const signingDate = parseDate(signed.headers['x-amz-date'] ?? '');
    if (signingDate === null) return 'AccessDenied';
    if (Math.abs(now().getTime() - signingDate.getTime()) > mostSkewMs) return 'RequestTimeTooSkewed';
    const headers = { ...signed.headers };
    // Node adds the length of an empty body after the SDK has signed; the signed hash binds the body.
    if (!names.split(';').includes('content-length')) delete headers['content-length'];
    const again = await signer.sign(
      {
        protocol: 'http:',
        hostname: storeHost,
        method: signed.method,
        path: signed.path,
        query: signed.query,
        headers,
      },
      { signingDate },
    );
    const expected = Buffer.from(again.headers['authorization'] ?? '');
    const given = Buffer.from(authorization);
    const holds = expected.length === given.length && timingSafeEqual(expected, given);
    return holds ? null : 'SignatureDoesNotMatch';
  };
}

/** The time of `20261130T120000Z`; null when there is no such time. */
function parseDate(text: string): Date | null {
  const date = new Date(
    text.replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/, '$1-$2-$3T$4:$5:$6.000Z'),
  );
  return Number.isNaN(date.getTime()) ? null : date;
}
