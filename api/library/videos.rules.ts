import type { FileColumns, VideoColumns } from './stored-file.rules';

/** A video made outside any scene's takes. */
export type VideoRow = VideoColumns &
  FileColumns & {
    projectId: string | null;
    /** The slice of sound it was made for. */
    soundKey: string | null;
    madeBy: Record<string, unknown>;
  };

export type NewVideo = Omit<VideoRow, 'createdAt'>;
