/** A process that stores one file and can kill itself at a point; kill-9.test.ts starts it. */
import { connect } from '../../../db/connect';
import { newId } from '../../shared/ids';
import { createS3Clients } from '../s3.client';
import { createStorage } from '../storage';
import { recordingLog, testSettings } from './harness';

export type ChildTask = {
  databaseUrl: string;
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  bucket: string;
  mediaRoot: string;
  path: string;
  key: string;
  jobId: string;
  /** Dies at its database change, when it logs this event, or when the test kills it. */
  dieAt: 'database change' | 'upload_confirmed' | 'local_file_deleted' | 'never';
};

async function main(task: ChildTask): Promise<void> {
  const die = () => process.kill(process.pid, 'SIGKILL');
  const { s3, presignS3 } = createS3Clients({ ...task, forcePathStyle: true });
  const storage = await createStorage({
    sql: connect(task.databaseUrl, { max: 3 }),
    s3,
    presignS3,
    bucket: task.bucket,
    mediaRoot: task.mediaRoot,
    keepLocalMedia: false,
    newId,
    clock: { now: () => new Date() },
    log: recordingLog((line) => {
      if (line.event === task.dieAt) die();
    }),
    settings: testSettings,
    completions: {
      async remember(tx, files) {
        for (const { key } of files) {
          await tx`insert into object_deletions (s3_key, reason, next_attempt_at)
            values (${`done/${key}`}, 'remembered', now() + interval '100 years')`;
        }
        if (task.dieAt === 'database change') die();
      },
    },
  });
  await storage.storeFiles({
    files: [{ path: task.path, key: task.key, contentType: 'video/mp4' }],
    jobId: task.jobId,
    completion: 'remember',
    arguments: {},
  });
}

if (import.meta.main) await main(JSON.parse(process.argv[2] ?? ''));
