import type { Database, Transaction } from './storage.types';

export type UploadState = 'pending' | 'confirmed' | 'deleted' | 'failed' | 'withdrawn';

export type UploadRow = {
  id: string;
  batchId: string;
  /** Relative to the media root. */
  path: string;
  key: string;
  contentType: string;
  bytes: number;
  sha256: string;
  state: UploadState;
  attempts: number;
};

export type Batch = {
  id: string;
  jobId: string | null;
  completion: string;
  arguments: Record<string, unknown>;
  /** In the order given to `storeFiles`: their ids were sorted. */
  uploads: UploadRow[];
};

export type ObjectDeletion = { key: string; reason: string; attempts: number };

/** The SQL of the outbox. Every question about files is about one media root's. */
export function createOutboxRepository(sql: Database, mediaRootId: string) {
  const columns = sql`
    id, batch_id, path, s3_key as key, content_type, bytes, sha256, state, attempts`;

  return {
    async insertBatch(batch: Omit<Batch, 'uploads'>, uploads: UploadRow[], now: Date): Promise<void> {
      await sql.begin(async (tx) => {
        await tx`
          insert into upload_batches (id, job_id, completion, arguments, created_at)
          values (${batch.id}, ${batch.jobId}, ${batch.completion},
            ${JSON.stringify(batch.arguments)}::text::jsonb, ${now})`;
        const rows = uploads.map(({ id, path, key, contentType, bytes, sha256 }) => ({
          id,
          batchId: batch.id,
          mediaRootId,
          path,
          s3Key: key,
          contentType,
          bytes,
          sha256,
          nextAttemptAt: now,
          createdAt: now,
        }));
        await tx`insert into uploads ${tx(rows)}`;
      });
    },

    async loadBatch(id: string): Promise<Batch | null> {
      const [batch] = await sql<Omit<Batch, 'uploads'>[]>`
        select id, job_id, completion, arguments from upload_batches where id = ${id}`;
      if (batch === undefined) return null;
      const uploads = await sql<UploadRow[]>`
        select ${columns} from uploads where batch_id = ${id} order by id`;
      return { ...batch, uploads: [...uploads] };
    },

    /** Batches with files still to upload, the oldest first; `dueBy` null: also those that back off. */
    async pendingBatches(filter: { dueBy: Date | null; jobId?: string }): Promise<string[]> {
      const rows = await sql<{ id: string }[]>`
        select b.id from upload_batches b
        where exists (
          select 1 from uploads u
          where u.batch_id = b.id and u.state = 'pending' and u.media_root_id = ${mediaRootId}
            ${filter.dueBy === null ? sql`` : sql`and u.next_attempt_at <= ${filter.dueBy}`})
          ${filter.jobId === undefined ? sql`` : sql`and b.job_id = ${filter.jobId}`}
        order by b.created_at, b.id`;
      return rows.map((row) => row.id);
    },

    /** Batches of other media roots that still have files to upload and were made before a time. */
    async pendingElsewhere(before: Date): Promise<string[]> {
      const rows = await sql<{ id: string }[]>`
        select b.id from upload_batches b
        where b.created_at < ${before} and exists (
          select 1 from uploads u
          where u.batch_id = b.id and u.state = 'pending' and u.media_root_id <> ${mediaRootId})
        order by b.created_at, b.id`;
      return rows.map((row) => row.id);
    },

    /** Whether another media root has files of a job to upload, from a batch made after `since`. */
    async isPendingElsewhere(jobId: string, since: Date): Promise<boolean> {
      const rows = await sql`
        select 1 from upload_batches b join uploads u on u.batch_id = b.id
        where b.job_id = ${jobId} and b.created_at > ${since}
          and u.state = 'pending' and u.media_root_id <> ${mediaRootId} limit 1`;
      return rows.length > 0;
    },

    /** Files that a job waits for, whether it made them or only is to be told of them; of any media root. */
    async unstoredFiles(jobId: string): Promise<{ state: UploadState; lastError: string | null }[]> {
      const rows = await sql<{ state: UploadState; lastError: string | null }[]>`
        select u.state, u.last_error from upload_batches b join uploads u on u.batch_id = b.id
        where u.state in ('pending', 'failed') and u.confirmed_at is null
          and (b.job_id = ${jobId} or b.arguments ->> 'jobId' = ${jobId})
        order by u.id`;
      return [...rows];
    },

    /** Batches whose files may be deleted. */
    async confirmedBatches(): Promise<string[]> {
      const rows = await sql<{ id: string }[]>`
        select distinct batch_id as id from uploads
        where media_root_id = ${mediaRootId} and state = 'confirmed'`;
      return rows.map((row) => row.id);
    },

    /** Notes failed tries of one file; its whole batch waits until `nextAttemptAt`. */
    async noteFailure(
      upload: { id: string; batchId: string },
      failure: { tries: number; reason: string; nextAttemptAt: Date },
    ): Promise<void> {
      await sql`
        update uploads set
          next_attempt_at = ${failure.nextAttemptAt},
          attempts = attempts + case when id = ${upload.id} then ${failure.tries}::int else 0 end,
          last_error = case when id = ${upload.id} then ${failure.reason}::text else last_error end
        where batch_id = ${upload.batchId} and state = 'pending'`;
    },

    /** Notes that the whole batch could not be finished although its objects are there. */
    async noteBatchFailure(batchId: string, failure: { reason: string; nextAttemptAt: Date }): Promise<void> {
      await sql`
        update uploads set attempts = attempts + 1, last_error = ${failure.reason},
          next_attempt_at = ${failure.nextAttemptAt}
        where batch_id = ${batchId} and state = 'pending'`;
    },

    /**
     * Marks the batch's files confirmed in the same transaction as `change`. False, and `change` not
     * called, when they were not pending any more.
     */
    async confirmBatch(
      batchId: string,
      now: Date,
      change: (tx: Transaction) => Promise<void>,
    ): Promise<boolean> {
      const confirmed = await sql.begin(async (tx) => {
        const rows = await tx<{ state: UploadState }[]>`
          select state from uploads where batch_id = ${batchId} order by id for update`;
        if (rows.length === 0 || rows.some((row) => row.state !== 'pending')) return false;
        await change(tx);
        await tx`
          update uploads set state = 'confirmed', confirmed_at = ${now}, last_error = null
          where batch_id = ${batchId}`;
        return true;
      });
      return confirmed;
    },

    /** Gives a batch up: its rows say why, its objects are queued for deletion. */
    async failBatch(batchId: string, reason: string, now: Date): Promise<void> {
      await sql.begin(async (tx) => {
        const rows = await tx<{ key: string }[]>`
          update uploads set state = 'failed', last_error = ${reason}, attempts = attempts + 1
          where batch_id = ${batchId} and state = 'pending' returning s3_key as key`;
        await insertDeletions(
          tx,
          rows.map((row) => row.key),
          reason,
          now,
        );
      });
    },

    /**
     * Takes back a batch that was not finished, and has its objects deleted. `here`: its files are the
     * job's own again and it is forgotten; `elsewhere`: the machine that has them is to delete them.
     */
    async withdrawBatch(
      batchId: string,
      from: 'here' | 'elsewhere',
      reason: string,
      now: Date,
    ): Promise<void> {
      await sql.begin(async (tx) => {
        const rows = await tx<{ key: string; state: UploadState }[]>`
          select s3_key as key, state from uploads where batch_id = ${batchId} for update`;
        if (rows.some((row) => row.state !== 'pending')) return;
        if (from === 'here') await tx`delete from upload_batches where id = ${batchId}`;
        else await tx`update uploads set state = 'withdrawn' where batch_id = ${batchId}`;
        await insertDeletions(
          tx,
          rows.map((row) => row.key),
          reason,
          now,
        );
      });
    },

    /**
     * Batches whose files are here and that another machine has withdrawn (`withdrawn`), or that were given
     * up before they were confirmed (`failed`).
     */
    async endedBatches(state: 'withdrawn' | 'failed'): Promise<string[]> {
      const rows = await sql<{ id: string }[]>`
        select distinct batch_id as id from uploads
        where media_root_id = ${mediaRootId} and state = ${state} and confirmed_at is null`;
      return rows.map((row) => row.id);
    },

    /** Forgets such a batch when its files are deleted. */
    async forgetEnded(batchId: string): Promise<void> {
      await sql`
        delete from upload_batches where id = ${batchId} and not exists (
          select 1 from uploads where batch_id = ${batchId} and state not in ('withdrawn', 'failed'))`;
    },

    async markDeleted(id: string, now: Date): Promise<void> {
      await sql`update uploads set state = 'deleted', deleted_at = ${now}, last_error = null where id = ${id}`;
    },

    async noteDeleteFailed(id: string, reason: string): Promise<void> {
      await sql`update uploads set last_error = ${reason} where id = ${id}`;
    },

    /** The file at a confirmed row's path is not the one that was uploaded: it is left alone for good. */
    async markReplaced(id: string, reason: string): Promise<void> {
      await sql`update uploads set state = 'failed', last_error = ${reason} where id = ${id}`;
    },

    /** Of these paths, those of files that are still in the outbox, with their state. */
    async openPaths(paths: string[] | null): Promise<Map<string, { state: UploadState; id: string }[]>> {
      const rows = await sql<{ path: string; state: UploadState; id: string }[]>`
        select path, state, id from uploads
        where media_root_id = ${mediaRootId} and state <> 'deleted'
          ${paths === null ? sql`` : sql`and path = any(${paths})`}`;
      const byPath = new Map<string, { state: UploadState; id: string }[]>();
      for (const row of rows) byPath.set(row.path, [...(byPath.get(row.path) ?? []), row]);
      return byPath;
    },

    async failedFiles(): Promise<{ path: string; bytes: number; reason: string }[]> {
      const rows = await sql<{ path: string; bytes: number; reason: string }[]>`
        select path, bytes, coalesce(last_error, '') as reason from uploads
        where media_root_id = ${mediaRootId} and state = 'failed' order by created_at`;
      return [...rows];
    },

    /** Keys of confirmed objects that had these bytes, from any machine. */
    async keysOfBytes(sha256: string, bytes: number): Promise<string[]> {
      const rows = await sql<{ key: string }[]>`
        select s3_key as key from uploads
        where sha256 = ${sha256} and bytes = ${bytes} and state in ('confirmed', 'deleted')
        order by created_at desc limit 20`;
      return rows.map((row) => row.key);
    },

    async deleteLater(tx: Transaction, keys: string[], reason: string, now: Date): Promise<void> {
      await insertDeletions(tx, keys, reason, now);
    },

    async dueDeletions(dueBy: Date, limit: number): Promise<ObjectDeletion[]> {
      const rows = await sql<ObjectDeletion[]>`
        select s3_key as key, reason, attempts from object_deletions
        where next_attempt_at <= ${dueBy} order by next_attempt_at limit ${limit}`;
      return [...rows];
    },

    async deletionDone(key: string): Promise<void> {
      await sql`delete from object_deletions where s3_key = ${key}`;
    },

    async deletionFailed(key: string, reason: string, nextAttemptAt: Date): Promise<void> {
      await sql`
        update object_deletions set attempts = attempts + 1, last_error = ${reason},
          next_attempt_at = ${nextAttemptAt}
        where s3_key = ${key}`;
    },
  };
}

export type OutboxRepository = ReturnType<typeof createOutboxRepository>;

/** Plans deletions; a key that is planned already goes at the earlier of the two times. */
async function insertDeletions(tx: Transaction, keys: string[], reason: string, dueAt: Date): Promise<void> {
  for (const key of new Set(keys)) {
    await tx`
      insert into object_deletions (s3_key, reason, next_attempt_at, created_at)
      values (${key}, ${reason}, ${dueAt}, now())
      on conflict (s3_key) do update set
        next_attempt_at = least(object_deletions.next_attempt_at, excluded.next_attempt_at)`;
  }
}
