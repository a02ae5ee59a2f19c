/** Where a row's file lies in S3, and what it is. */
export type FileColumns = {
  s3Key: string;
  contentType: string;
  bytes: number;
  sha256: string;
};

/** The columns of a file that S3 has. */
export const fileColumns = (file: {
  key: string;
  contentType: string;
  bytes: number;
  sha256: string;
}): FileColumns => ({
  s3Key: file.key,
  contentType: file.contentType,
  bytes: file.bytes,
  sha256: file.sha256,
});

/** What takes, images and videos have in common. */
export type MediaRow = FileColumns & {
  id: string;
  projectId: string | null;
  width: number;
  height: number;
  /** What made it: provider, model, options. */
  madeBy: Record<string, unknown>;
  jobId: string | null;
  createdAt: Date;
};

/** The columns of a new one; `createdAt` is the database's. */
export const mediaColumns = [
  'id',
  'projectId',
  's3Key',
  'contentType',
  'bytes',
  'sha256',
  'width',
  'height',
  'madeBy',
  'jobId',
] as const satisfies (keyof MediaRow)[];
