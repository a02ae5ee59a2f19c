import { Agent } from 'node:http';
import { S3Client } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { AppError, errorMessage } from '../shared/errors';

export type S3Settings = {
  /** Unset: Amazon's own for the region. */
  endpoint?: string;
  /** Where browsers and providers reach the same store; unset: `endpoint`. */
  publicEndpoint?: string;
  /** The socket over which the endpoint is spoken to (the embedded store); unset: the network. */
  socketPath?: string | undefined;
  region: string;
  forcePathStyle: boolean;
  /** Unset: found the way the AWS SDK does (profile, instance role). */
  credentials?: { accessKeyId: string; secretAccessKey: string };
  connectTimeoutMs?: number;
};

/** The SDK writes warnings to the console otherwise; failures reach our log from where they are handled. */
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/**
 * Two clients of one store: `s3` sends requests, `presignS3` only signs URLs for the public endpoint.
 * The SDK repeats nothing by itself (storage decides what is tried again) and adds no checksum of its
 * own: storage sends SHA-256 of what it hashed, and servers that know none ignore it.
 */
export function createS3Clients(settings: S3Settings): { s3: S3Client; presignS3: S3Client } {
  const make = (endpoint: string | undefined) =>
    new S3Client({
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(settings.credentials === undefined ? {} : { credentials: settings.credentials }),
      region: settings.region,
      forcePathStyle: settings.forcePathStyle,
      maxAttempts: 1,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      logger: silent,
      requestHandler: requestHandler(settings),
    });
  return { s3: make(settings.endpoint), presignS3: make(settings.publicEndpoint ?? settings.endpoint) };
}

function requestHandler({ socketPath, connectTimeoutMs = 5000 }: S3Settings) {
  if (socketPath === undefined) return { connectionTimeout: connectTimeoutMs };
  // As many as the SDK has by itself.
  const agent = { socketPath, keepAlive: true, maxSockets: 50 };
  return new NodeHttpHandler({ connectionTimeout: connectTimeoutMs, httpAgent: new Agent(agent) });
}

/** What went wrong with a request, for people and for the decision to try again. */
export type S3Failure = {
  /** S3's error code or the network's. */
  code: string;
  /** HTTP status; null when no answer came. */
  status: number | null;
  message: string;
  /** Whether trying again at once can help: no answer, an answer of 5xx, or 429. */
  transient: boolean;
};

function field(thrown: unknown, name: string): unknown {
  return typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, name) : undefined;
}

/** Reads an error of the SDK, of the network or of this folder. */
export function describeS3Failure(thrown: unknown): S3Failure {
  if (thrown instanceof AppError) {
    return {
      code: thrown.code,
      status: thrown.status,
      message: thrown.message,
      transient: thrown.retryable,
    };
  }
  const httpStatus = field(field(thrown, '$metadata'), 'httpStatusCode');
  const status = typeof httpStatus === 'number' ? httpStatus : null;
  const name = field(thrown, 'name');
  const networkCode = field(thrown, 'code');
  const code =
    status === null && typeof networkCode === 'string'
      ? networkCode
      : typeof name === 'string'
        ? name
        : 'Error';
  // Errors of failed connections to several addresses have an empty message of their own.
  const text = errorMessage(thrown).trim();
  const told = text === '' || text === code ? '' : `: ${text}`;
  const message =
    status === null ? `no answer from S3 (${code}${told})` : `S3 answered ${status} ${code}${told}`;
  return { code, status, message, transient: status === null || status >= 500 || status === 429 };
}

/** True for S3's ways to say that there is no such object. */
export function isNoSuchObject(thrown: unknown): boolean {
  const failure = describeS3Failure(thrown);
  return failure.status === 404 && failure.code !== 'NoSuchBucket';
}

/** The AppError for a request to S3 that failed: 503 when trying later can help, else 502. */
export function s3Error(doing: string, thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const failure = describeS3Failure(thrown);
  return new AppError({
    code: failure.transient ? 'StorageUnavailable' : 'StorageRefused',
    message: `${doing} failed: ${failure.message}. ${advice(failure)}`,
    cause: thrown,
  });
}

function advice(failure: S3Failure): string {
  if (failure.status === null) return 'Check S3_ENDPOINT and that the store is running.';
  if (failure.code === 'NoSuchBucket') return 'Check S3_BUCKET.';
  if (failure.status === 403 || failure.status === 401)
    return 'Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what this key may do with the bucket.';
  return failure.transient ? 'Try again in a moment.' : 'Check the S3 settings with "bun run doctor".';
}

/**
 * Runs a request under a time limit and the caller's signal. @throws the signal's reason when it was
 * aborted; AppError `StorageTimeout` (retryable) when the time was up.
 */
export async function withinTime<T>(
  options: { timeoutMs: number; signal?: AbortSignal | undefined },
  request: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  options.signal?.throwIfAborted();
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), options.timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout.signal]) : timeout.signal;
  try {
    return await request(signal);
  } catch (thrown) {
    options.signal?.throwIfAborted();
    if (timeout.signal.aborted) {
      throw new AppError({
        code: 'StorageTimeout',
        message: `S3 did not finish within ${Math.round(options.timeoutMs / 1000)} s`,
        cause: thrown,
      });
    }
    throw thrown;
  } finally {
    clearTimeout(timer);
  }
}
