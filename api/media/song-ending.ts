/**
 * How the song's AAC is brought to the length of the pictures without encoding all of it: its
 * packets are copied up to a seam, and only the end, with some sound before it, is encoded anew.
 * A packet holds 1024 samples; packet i decodes to samples [(i − 1) × 1024, i × 1024), the first
 * being the encoder's run-in.
 */
export const samplesPerPacket = 1024;

/** Fade-out when the song is cut: 0.75 s at 48 kHz, long enough not to be heard as an error. */
export const fadeSamples = 36_000;

/**
 * Packets that are encoded before the seam and thrown away, 1 s: by then the encoder has settled
 * on what it did at the same place the first time (under 3 packets the seam clicks).
 */
const runInPackets = 48;

/** Silence that is encoded behind the song's end; its last packet is repeated as long as needed. */
const silenceSamples = 24_000;

export type SongEnding =
  /** The song is as long as the pictures: all its packets, as they are. */
  | { kind: 'as-is'; packets: number }
  /** Packets [0, seam) of the song, then packets [skip, …) of the encoded end, `packets` in all. */
  | {
      kind: 'cut' | 'silence';
      packets: number;
      seam: number;
      skip: number;
      /** Samples [fromSample, toSample) of the song are encoded for the end. */
      fromSample: number;
      toSample: number;
      /** The fade begins here, counted from fromSample; for 'cut'. */
      fadeFrom: number;
      /** Silence behind the song; for 'silence'. */
      silenceSamples: number;
    }
  /** Too short to be worth a seam: encode it whole. */
  | { kind: 'encode' };

/** Pure: what to copy and what to encode. All numbers are samples at 48 kHz. */
export function planSongEnding(videoSamples: number, songSamples: number, songPackets: number): SongEnding {
  // The last whole packet of the video: sound must not be longer than the pictures.
  const packets = Math.floor(videoSamples / samplesPerPacket) + 1;
  const isCut = songSamples > videoSamples;
  if (Math.abs(songSamples - videoSamples) < samplesPerPacket && songPackets >= packets) {
    return { kind: 'as-is', packets };
  }
  const endSample = isCut ? (packets - 1) * samplesPerPacket : songSamples;
  const changedFrom = isCut ? endSample - fadeSamples : endSample;
  // One packet before the first changed sample, as neighbouring packets overlap.
  const seam = Math.floor(changedFrom / samplesPerPacket) - 1;
  const firstEncoded = seam - runInPackets;
  if (firstEncoded < 0 || seam > songPackets) return { kind: 'encode' };
  const fromSample = firstEncoded * samplesPerPacket;
  return {
    kind: isCut ? 'cut' : 'silence',
    packets,
    seam,
    skip: runInPackets,
    fromSample,
    toSample: endSample,
    fadeFrom: isCut ? changedFrom - fromSample : 0,
    silenceSamples: isCut ? 0 : silenceSamples,
  };
}
