import type { LipsyncOptions } from '../../../contract/lipsync.schema';

/** What the engine needs to know; all paths are local files. See LipsyncRequest for the meaning. */
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

/** Why frames show the source's own mouth. */
export type PassReason = 'no face' | 'turned away' | 'covered' | 'other face chosen';

/** What a run found and did. Times in milliseconds. */
export type EngineReport = {
  frames: number;
  framesWithFace: number;
  framesWithoutFace: number;
  facesFound: number;
  shots: number;
  /** Share of frames that wholly show the source's mouth, and how many frames for which reason. */
  passedThrough: { share: number; reasons: Record<string, number> };
  /** Statistics of what drove the mouth. */
  driver: { source: 'mix' | 'vocal'; meanOpening: number; largestOpening: number; voicedShare: number };
  /** How often a mouth was borrowed from elsewhere than the frame before it, per second. */
  jumpsPerSecond: number;
  /** The wanted gap between the lips of every frame, in units of the eye distance. */
  target: number[];
  milliseconds: Record<string, number>;
  peakMemoryBytes: number;
};
