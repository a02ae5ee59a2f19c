/** How often the engine's speech model samples: callers resample to this (mono) through ffmpeg. */
export const SPEECH_SAMPLE_RATE = 16_000;

/** What the sound asks of the mouth, one value for every video frame. All arrays are equally long. */
export type MouthTargets = {
  /** 0..1: how far the lips are open inside, relative to the speaker's own wide-open mouth. */
  aperture: Float32Array;
  /** -1 rounded (oo) .. 0 neutral .. +1 spread (ee). */
  width: Float32Array;
  /** 0..1: how surely the lips touch (p, b, m). */
  closed: Float32Array;
  /** 0..1: probability that a voice is heard. */
  voiced: Float32Array;
  /** 0..1: loudness of the voice, relative to the loud parts of this sound. */
  loudness: Float32Array;
};

export type AnalyseSpeechOptions = {
  /** Frames of video per second. */
  fps: number;
  /** How many frames of video there are. Sound beyond them is ignored, frames beyond the sound are shut. */
  frames: number;
  /** True when the sound is a voice alone: speech, or a vocal separated from its song. */
  isVocal: boolean;
};
