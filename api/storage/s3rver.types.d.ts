/** The parts of the untyped package that the embedded store uses. */
declare module '@20minutes/s3rver' {
  import type { ServerResponse } from 'node:http';
  import type { Socket } from 'node:net';
  import type { Readable } from 'node:stream';
  import type FilesystemStore from '@20minutes/s3rver/lib/stores/filesystem.js';

  /** What it reads of a request. */
  export type StoreRequest = Readable & {
    method: string;
    url: string;
    headers: Record<string, string>;
    socket: Socket;
  };

  export type Context = {
    method: string;
    path: string;
    status: number;
    query: Record<string, string | string[] | undefined>;
    body: unknown;
  };

  export default class S3rver {
    constructor(options: {
      directory: string;
      silent: boolean;
      vhostBuckets: boolean;
      configureBuckets: { name: string; configs: string[] }[];
    });
    /** Koa's list of middleware, the first is the outermost. */
    middleware: ((context: Context, next: () => Promise<void>) => Promise<void>)[];
    store: FilesystemStore;
    logger: { close(): void };
    callback(): (request: StoreRequest, response: ServerResponse) => void;
    on(event: 'error', listener: (error: unknown) => void): void;
  }
}

declare module '@20minutes/s3rver/lib/models/error.js' {
  /** Answered as S3 does: code, message and the status that belongs to the code. */
  export default class S3Error extends Error {
    constructor(code: string, message: string);
  }
}

declare module '@20minutes/s3rver/lib/stores/filesystem.js' {
  import type { Readable } from 'node:stream';

  type Metadata = {
    etag: string;
    'last-modified': string;
    'content-length': number;
    'content-type'?: string;
  };
  type Written = { size: number; md5: string };

  export default class FilesystemStore {
    constructor(rootDirectory: string);
    static decodeKeyPath(path: string): string;
    getBucketPath(bucket: string): string;
    getBucket(bucket: string): Promise<object | null>;
    putBucket(bucket: string): Promise<object>;
    getResourcePath(bucket: string, key: string | undefined, resource: string): string;
    /** `this` is the store. @throws SyntaxError when the file of it is cut off */
    getMetadata(bucket: string, key: string): Promise<Metadata>;
    putMetadata(bucket: string, key: string, metadata: Record<string, string>, md5: string): Promise<void>;
    putObject(object: {
      bucket: string;
      key: string;
      content: Readable;
      metadata: Record<string, string>;
    }): Promise<Written>;
    putPart(bucket: string, uploadId: string, partNumber: string, content: Readable): Promise<Written>;
    putObjectMultipart(
      bucket: string,
      uploadId: string,
      parts: { number: number; etag: string }[],
    ): Promise<Written>;
    deleteObject(bucket: string, key: string): Promise<void>;
    deleteSubresource(bucket: string, key: string | undefined, resource: string): Promise<void>;
  }
}
