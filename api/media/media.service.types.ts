import type { ComposeEnding } from '../contract/compose.schema';
import type { Format } from '../contract/format.schema';
import type { ClipWindow } from '../contract/window.schema';
import type { ClipInfo, ImageInfo, SongInfo } from './check';
import type { Fades } from './compose.plan.rules';
import type { LineUpClips } from './line-up/line-up.types';
import type { StepOptions } from './media.types';
import type { FilmstripGrid } from './thumbnails';

/** A take on disk: normalised to its project's format, exactly `frames` long; null: none yet, it is black. */
export type TakeFile = { path: string | null; frames: number };

/** A scene's window and the length of its slot, in frames of the format. */
export type TakeWindow = ClipWindow & { frames: number };

/** Frames [first, first + frames) of the whole source at the format's rate; cut at the source's ends. */
export type SourceRange = { first: number; frames: number };

export type MadeTake = {
  frames: number;
  /** Frames that the whole source has at the format's rate. */
  sourceFrames: number;
  /** First frame of the source that the take holds, at the format's rate. */
  sourceStart: number;
  width: number;
  height: number;
  /** Frames at the take's end that its window's ending had to fill; 0 when the clip covers the slot. */
  held: number;
};

export type SongFacts = { samples: number; sampleRate: number; channels: number };

/** What is heard of a song, `steps` times; rows one after the other. */
export type SongSpectrum = {
  stepsPerSecond: number;
  steps: number;
  /** Amplitude of the twelve pitch classes from C: steps × 12. */
  chroma: Float32Array;
  /** Natural logarithm of the power in bands from low to high: steps × bandCount. */
  bands: Float32Array;
  bandCount: number;
};

/** Everything the studio asks of api/media; paths are local files, outputs are written whole or not at all. */
export type MediaService = {
  checkClip(path: string, signal?: AbortSignal): Promise<ClipInfo>;
  checkSong(path: string, signal?: AbortSignal): Promise<SongInfo>;
  checkImage(path: string, signal?: AbortSignal): Promise<ImageInfo>;
  /**
   * Any clip → a take in the format, the whole picture with black around it; with `trim` only its frames
   * [inFrame, outFrame), the very frames that the untrimmed take has there. Other ways, one at a time:
   * - `window`: what the window shows of the source, exactly `window.frames` long.
   * - `keepShape`: an original. Where its shape isn't the format's it keeps its own, no side longer than
   *   the format's longer one.
   * - `sourceRange`, with `keepShape` or alone: no more of the source than that.
   * @throws AppError `DamagedMedia`, `HdrNotSupported`, `TrimOutsideClip` also for an `inFrame` at or
   * after the source's end
   */
  makeTake(
    options: {
      input: string;
      output: string;
      format: Format;
      trim?: { inFrame: number; outFrame: number };
      window?: TakeWindow;
      keepShape?: boolean;
      sourceRange?: SourceRange;
    },
    step: StepOptions,
  ): Promise<MadeTake>;
  /**
   * A provider's result → a take of exactly `frames` frames, cut or padded with its last frame; copied
   * as it is when it already is one. `received`: how many frames of the format the result had.
   */
  fitTake(
    options: { input: string; output: string; format: Format; frames: number },
    step: StepOptions,
  ): Promise<{ frames: number; reencoded: boolean; received: number }>;
  /** A song → its 48 kHz WAV master and the AAC file that compose copies. */
  makeSong(
    options: { input: string; master: string; encoded: string },
    step: StepOptions,
  ): Promise<SongFacts>;
  /** The loudest sample of each hundredth of a second of a WAV master: 0 silence, 255 full scale. */
  measurePeaks(master: string): Promise<Uint8Array>;
  /** Pitch classes and loudness by bands of a WAV master, ten times a second. */
  measureSpectrum(master: string, signal?: AbortSignal): Promise<SongSpectrum>;
  /** Finds where in a song each of some clips was filmed. */
  lineUp: LineUpClips;
  /** The samples [startSample, endSample) of a WAV master as a WAV file; cut at the song's end. */
  cutSlice(options: {
    master: string;
    output: string;
    startSample: number;
    endSample: number;
  }): Promise<{ samples: number }>;
  /** An uploaded image → a bounded PNG, JPEG or WebP made anew. */
  makeImage(
    options: { input: string; output: string },
    step: StepOptions,
  ): Promise<{ width: number; height: number; contentType: string }>;
  /** A take → its poster and its filmstrip as JPEG files. */
  makeTakeThumbnails(
    options: { take: string; frames: number; format: Format; poster: string; filmstrip: string },
    step: StepOptions,
  ): Promise<FilmstripGrid>;
  /** A stored picture → a small JPEG of it. */
  makeThumbnail(
    options: { image: string; contentType: string; poster: string },
    step: StepOptions,
  ): Promise<void>;
  /**
   * Takes and song → the finished video: pictures copied, sound cut or ended with silence. `ending` says what
   * happens where pictures and song differ in length, `fades` how long picture and sound fade, in frames;
   * without them nothing changes. What it needs meanwhile lies in `workDirectory`, which must be there.
   */
  compose(
    options: {
      takes: TakeFile[];
      song: { master: string; encoded: string };
      output: string;
      format: Format;
      workDirectory: string;
      ending?: ComposeEnding;
      fades?: Fades;
    },
    step: StepOptions,
  ): Promise<{ frames: number }>;
};
