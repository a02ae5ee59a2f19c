import type { Log } from '../shared/log';
import type { ProbeIsolated } from './probe.isolated';

/** Where the two programs are; found once by findPrograms and passed to everything that runs them. */
export type Programs = { ffmpegPath: string; ffprobePath: string };

/** What every media step needs from outside. */
export type MediaTools = Programs & {
  log: Log;
  /** Address space that a run may use, in bytes; default 4 GiB. */
  memoryBytes?: number;
  /** Told of each run of a program that has ended, well or not (for the studio's figures). */
  onRun?: (run: { program: string; step: string; seconds: number }) => void;
  /** Reads files without a program; by default each in a thread of its own. */
  probeIsolated?: ProbeIsolated;
};

/** What the caller of a long step may watch and stop. */
export type StepOptions = {
  signal?: AbortSignal;
  /** Share of the step that is done, 0..1, rising. */
  onProgress?: (fraction: number) => void;
};

export type VideoTrackInfo = {
  codec: string;
  /** Pixels as shown: after rotation and with square pixels. */
  displayWidth: number;
  displayHeight: number;
  /** Clockwise turn in degrees that a player makes before showing. */
  rotation: 0 | 90 | 180 | 270;
  /** Frames per second; known rates are snapped (29.97002997…), never a rounded decimal. */
  fps: number;
  variableFrameRate: boolean;
  /** Number of coded frames. */
  frames: number;
  /** Seconds between the start of the file's own time line and the first frame. */
  start: number;
  /** Seconds from the start of the file's own time line to the end of the last frame. */
  duration: number;
  /** bt709, bt470bg, smpte170m, bt2020-ncl, rgb …; null when the file does not say. */
  matrix: string | null;
  primaries: string | null;
  transfer: string | null;
  fullRange: boolean | null;
  /** PQ or HLG: cannot be shown as it is on an ordinary screen. */
  hdr: 'pq' | 'hlg' | null;
};

export type AudioTrackInfo = {
  codec: string;
  sampleRate: number;
  channels: number;
  /** Seconds; for MP3 and AAC about 50 ms uncertain (see song.ts for the exact length). */
  duration: number;
};

/** What a file is, told by its content only. */
export type MediaInfo = {
  kind: 'video' | 'audio' | 'image';
  /** mp4, mov, webm, matroska, wav, mp3, flac, ogg, aac, avi, png, jpeg, webp … */
  container: string;
  mimeType: string;
  bytes: number;
  /** Seconds of the longest track; 0 for an image. */
  duration: number;
  video: VideoTrackInfo | null;
  audio: AudioTrackInfo | null;
  /** Pixels of an image as stored. */
  image: { width: number; height: number } | null;
  probedBy: 'mediabunny' | 'ffprobe' | 'header';
};
