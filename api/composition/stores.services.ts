import { join } from 'node:path';
import { connect } from '../../db/connect';
import { startEmbeddedPostgres } from '../../db/embedded-postgres.server';
import { migrate } from '../../db/migrate';
import { requireCurrentSchema } from '../../db/schema';
import { type Config, isLoopback } from '../config';
import { AppError, errorMessage } from '../shared/errors';
import type { Log } from '../shared/log';
import { startEmbeddedS3 } from '../storage/embedded-s3.server';
import { createS3Clients, type S3Settings } from '../storage/s3.client';
import type { Closers } from './closers';

/** The PostgreSQL of the settings, or the embedded one, as it is. */
export async function connectDatabase(config: Config, log: Log, closers: Closers) {
  let url = config.DATABASE_URL;
  if (url === undefined) {
    const embedded = await startEmbeddedPostgres({
      directory: join(config.dataDirectory, 'postgres'),
      log,
    });
    closers.push(() => embedded.stop());
    url = embedded.url;
  }
  const sql = connect(url, { log });
  closers.push(() => sql.end({ timeout: 5 }));
  try {
    await requireCurrentSchema(sql);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError({
      code: 'DatabaseNotReached',
      message: `The database ${config.DATABASE_URL === undefined ? 'of this studio' : 'of DATABASE_URL'} can't be used: ${errorMessage(error)}. See that it runs and that DATABASE_URL names its host, port, database, user and password.`,
      cause: error,
    });
  }
  return { url, sql };
}

/** The same, with all migrations. */
export async function openDatabase(config: Config, log: Log, closers: Closers) {
  const database = await connectDatabase(config, log, closers);
  await migrate(database.sql, { log });
  return database;
}

/** The S3 of the settings, or the embedded one. */
export async function openS3(config: Config, log: Log, closers: Closers) {
  if (config.S3_BUCKET !== undefined || config.S3_ENDPOINT !== undefined) {
    if (config.S3_BUCKET === undefined) {
      throw new AppError({
        code: 'InvalidSettings',
        message: 'S3_ENDPOINT is set but S3_BUCKET is not. Set it to the name of the bucket for all media.',
      });
    }
    const settings: S3Settings = {
      region: config.S3_REGION,
      forcePathStyle: config.S3_FORCE_PATH_STYLE,
      ...(config.S3_ENDPOINT === undefined ? {} : { endpoint: config.S3_ENDPOINT }),
      ...(config.S3_PUBLIC_ENDPOINT === undefined ? {} : { publicEndpoint: config.S3_PUBLIC_ENDPOINT }),
      ...(config.AWS_ACCESS_KEY_ID === undefined || config.AWS_SECRET_ACCESS_KEY === undefined
        ? {}
        : {
            credentials: {
              accessKeyId: config.AWS_ACCESS_KEY_ID,
              secretAccessKey: config.AWS_SECRET_ACCESS_KEY,
            },
          }),
    };
    return {
      embedded: false,
      // A provider reaches no store on this machine's own loopback.
      isReachable: isPublic(config.S3_PUBLIC_ENDPOINT ?? config.S3_ENDPOINT),
      bucket: config.S3_BUCKET,
      /** Only the embedded store's objects are files of this machine. */
      objectFile: null,
      ...createS3Clients(settings),
    };
  }
  if (config.MEDIA_DELIVERY === 'presigned') {
    throw new AppError({
      code: 'InvalidSettings',
      message:
        'MEDIA_DELIVERY=presigned needs an S3 that browsers reach: set S3_BUCKET and S3_ENDPOINT, or leave MEDIA_DELIVERY out.',
    });
  }
  const embedded = await startEmbeddedS3({ directory: join(config.dataDirectory, 's3'), log });
  closers.push(() => embedded.stop());
  const { endpoint, socketPath, region, accessKeyId, secretAccessKey, bucket, objectFile } = embedded;
  return {
    embedded: true,
    // No provider reaches a socket of this machine.
    isReachable: false,
    bucket,
    objectFile,
    ...createS3Clients({
      endpoint,
      socketPath,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    }),
  };
}

/** Without an endpoint it is AWS's own. */
const isPublic = (endpoint: string | undefined) =>
  endpoint === undefined || !isLoopback(new URL(endpoint).hostname);
