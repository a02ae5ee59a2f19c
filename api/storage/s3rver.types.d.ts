/** The parts of the untyped package that embedded-s3.server.ts uses. */
declare module '@20minutes/s3rver' {
  import type { RequestListener } from 'node:http';

  export type Context = {
    method: string;
    path: string;
    mountPath?: string;
    state: { vhost?: boolean };
    status: number;
    query: Record<string, string | string[] | undefined>;
    /** Set by the package's router. */
    params?: { bucket?: string; key?: string };
    body: unknown;
  };

  export type Metadata = { etag: string; 'last-modified': string; 'content-length': number };

  export default class S3rver {
    constructor(options: {
      directory: string;
      silent: boolean;
      vhostBuckets: boolean;
      configureBuckets: { name: string; configs: string[] }[];
    });
    /** Koa's list of middleware, the first is the outermost. */
    middleware: ((context: Context, next: () => Promise<void>) => Promise<void>)[];
    store: {
      getBucketPath(bucket: string): string;
      getBucket(bucket: string): Promise<object | null>;
      getResourcePath(bucket: string, key: string | undefined, resource: string): string;
      /** `this` is the store. @throws SyntaxError when the file of it is cut off */
      getMetadata(bucket: string, key: string): Promise<Metadata>;
    };
    logger: { close(): void };
    configureBuckets(): Promise<unknown>;
    callback(): RequestListener;
    on(event: 'error', listener: (error: unknown) => void): void;
  }
}

declare module '@20minutes/s3rver/lib/models/account.js' {
  type Account = {
    createKeyPair(accessKeyId: string, secretAccessKey: string): void;
    revokeAccessKey(accessKeyId: string): void;
  };
  const account: { DUMMY_ACCOUNT: Account };
  export default account;
}

declare module '@20minutes/s3rver/lib/stores/filesystem.js' {
  const store: { decodeKeyPath(path: string): string };
  export default store;
}
