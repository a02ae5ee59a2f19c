import type { MediaRow } from './stored-file.rules';

/** A video made outside any scene's takes. */
export type VideoRow = MediaRow & {
  /** The slice of sound it was made for. */
  soundKey: string | null;
  fps: number;
  frames: number;
};

export type NewVideo = Omit<VideoRow, 'createdAt'>;
