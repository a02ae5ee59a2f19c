import * as v from 'valibot';

/** The layout of a backup; raised when a later studio writes another. Format 1 had no hashes of tables. */
export const BACKUP_FORMAT = 2;

const ObjectSchema = v.object({
  key: v.string(),
  bytes: v.number(),
  /** Of the copy in the backup; null when the object is only listed. */
  sha256: v.nullable(v.string()),
  contentType: v.string(),
});
export type BackedUpObject = v.InferOutput<typeof ObjectSchema>;

/** `backup.json`: what a backup holds. */
export const ManifestSchema = v.object({
  format: v.picklist([1, BACKUP_FORMAT]),
  version: v.string(),
  at: v.string(),
  database: v.object({
    migrations: v.array(v.object({ number: v.number(), name: v.string(), checksum: v.string() })),
    tables: v.array(
      v.object({
        name: v.string(),
        columns: v.array(v.string()),
        rows: v.number(),
        sha256: v.optional(v.string()),
      }),
    ),
    sequences: v.array(v.object({ name: v.string(), lastValue: v.number() })),
  }),
  /** Whether the objects themselves lie in `objects/`, or stay in the store and are only listed. */
  objectsCopied: v.boolean(),
  objects: v.array(ObjectSchema),
  /** Objects that the database names but the store did not have. */
  missing: v.array(v.string()),
  /** Files on disks of the studio that had not reached the store; they are not part of the backup. */
  filesNotStored: v.number(),
});
export type Manifest = v.InferOutput<typeof ManifestSchema>;
