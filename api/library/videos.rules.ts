/** A video made outside any scene's takes. */
export type VideoRow = {
  id: string;
  projectId: string | null;
  s3Key: string;
  /** The slice of sound it was made for. */
  soundKey: string | null;
  contentType: string;
  bytes: number;
  sha256: string;
  width: number;
  height: number;
  fps: number;
  frames: number;
  madeBy: Record<string, unknown>;
  jobId: string | null;
  createdAt: Date;
};

export type NewVideo = Omit<VideoRow, 'createdAt'>;
