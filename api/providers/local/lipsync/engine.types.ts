import type { LipsyncOptions } from '../../../contract/lipsync.schema';

/** What the engine's process is asked to do; see LipsyncRequest for the meaning of most of it. */
export type EngineJob = {
  ffmpegPath: string;
  videoPath: string;
  audioPath: string;
  vocalPath?: string | undefined;
  outputPath: string;
  workDirectory: string;
  width: number;
  height: number;
  fps: number;
  frames: number;
  options: LipsyncOptions;
  /** ffmpeg's options for the video encoder. */
  videoArguments: string[];
};

export type EngineContext = {
  signal: AbortSignal;
  progress(stage: string, fraction: number): void;
  /** Milliseconds since any fixed moment. */
  now(): number;
};
