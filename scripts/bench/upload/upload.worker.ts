/** Uploads files, measured in a process of its own so that its peak memory is only its own. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { systemClock } from '../../../api/shared/clock';
import { newId } from '../../../api/shared/ids';
import { createLog } from '../../../api/shared/log';
import { signedBody } from '../../../api/storage/put-object';
import { createS3Clients } from '../../../api/storage/s3.client';
import { createStorage } from '../../../api/storage/storage';
import { connect } from '../../../db/connect';
import { type UploadFigures, UploadTaskSchema } from './upload.task';

const task = v.parse(UploadTaskSchema, JSON.parse(process.argv[2] ?? ''));
const { bucket, mediaRoot } = task;
const { s3, presignS3 } = createS3Clients({ ...task, forcePathStyle: true, credentials: task });
const sql = connect(task.databaseUrl, { max: 3 });
const storage = await createStorage({
  sql,
  s3,
  presignS3,
  bucket,
  mediaRoot,
  // Both ways upload the same files.
  keepLocalMedia: true,
  newId,
  clock: systemClock,
  log: createLog('warn'),
  ...(task.how === 'confirmed-in-one' ? { settings: { multipartFromBytes: Number.POSITIVE_INFINITY } } : {}),
  completions: { nothing: async () => undefined },
});
await storage.ensureBucket();
await sql`select 1`;
/** What a plain PUT must know beforehand, as the embedded store takes no unsigned body. */
const signed = new Map<string, Buffer>();
for (const path of task.how === 'plain' ? task.paths : []) {
  const hash = new Bun.CryptoHasher('sha256');
  for await (const chunk of Bun.file(join(mediaRoot, path)).stream()) hash.update(chunk);
  signed.set(path, hash.digest());
}

const peak = () => process.resourceUsage().maxRSS / 1024;
const startMebibytes = peak();
const started = performance.now();
for (const path of task.paths) {
  const key = `videos/${newId()}.bin`;
  if (task.how !== 'plain') {
    const files = [{ path, key, contentType: 'video/mp4' }];
    await storage.storeFiles({ files, completion: 'nothing', arguments: {} });
  } else {
    const file = join(mediaRoot, path);
    const Body = createReadStream(file, { highWaterMark: 256 * 1024 });
    const command = new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body,
      ContentLength: Bun.file(file).size,
    });
    const sha256 = signed.get(path) ?? Buffer.alloc(32);
    command.middlewareStack.add(signedBody(sha256), { step: 'build', name: 'signedBody' });
    await s3.send(command);
  }
}
const figures: UploadFigures = {
  milliseconds: performance.now() - started,
  peakMebibytes: peak(),
  startMebibytes,
};
console.log(JSON.stringify(figures));
await sql.end();
s3.destroy();
