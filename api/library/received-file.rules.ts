/** A file that somebody sent, whole on the disk of this process. */
export type ReceivedFile = {
  /** Where the whole file is now, in the directory that was given. */
  path: string;
  /** As the sender named it, without folders; only for people to read. */
  fileName: string;
  bytes: number;
  /** Hex, of the whole file. */
  sha256: string;
};
