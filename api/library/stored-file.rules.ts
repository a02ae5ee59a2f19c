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

/** A video that counts its frames itself; a take counts them in its project's rate. */
export type VideoColumns = Pick<FileColumns, 's3Key' | 'bytes' | 'sha256'> & {
  id: string;
  width: number;
  height: number;
  fps: number;
  frames: number;
  jobId: string | null;
  createdAt: Date;
};
