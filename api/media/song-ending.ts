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

/** Lengths of the fades of the sound, in samples; 0: none (but a cut song never ends abruptly). */
export type SoundFades = { inSamples: number; outSamples: number };

export type SongEnding =
  /** All of the song's packets, as they are. */
  | { kind: 'as-is'; packets: number }
  /**
   * `head` packets of the encoded beginning (0: none), packets [head, seam) of the song, then packets
   * [skip, …) of the encoded end, `packets` in all.
   */
  | {
      kind: 'cut' | 'silence' | 'faded';
      packets: number;
      head: number;
      seam: number;
      skip: number;
      /** Samples [fromSample, toSample) of the song are encoded for the end. */
      fromSample: number;
      toSample: number;
      /** The fade-out begins here, counted from fromSample, and is so long; 0 samples: none. */
      fadeFrom: number;
      fadeSamples: number;
      /** Silence behind the song; for 'silence'. */
      silenceSamples: number;
    }
  /** Too short to be worth a seam: encode it whole. */
  | { kind: 'encode' };

/** Pure: what to copy and what to encode. All numbers are samples at 48 kHz. */
export function planSongEnding(
  videoSamples: number,
  songSamples: number,
  songPackets: number,
  fades: SoundFades = { inSamples: 0, outSamples: 0 },
): SongEnding {
  // The last whole packet of the video: sound must not be longer than the pictures.
  const packets = Math.floor(videoSamples / samplesPerPacket) + 1;
  const isEqual = Math.abs(songSamples - videoSamples) < samplesPerPacket && songPackets >= packets;
  const isFaded = fades.inSamples > 0 || fades.outSamples > 0;
  if (isEqual && !isFaded) return { kind: 'as-is', packets };
  const isCut = songSamples > videoSamples;
  const lastSample = (packets - 1) * samplesPerPacket;
  const endSample = Math.min(songSamples, lastSample);
  const fade = fades.outSamples > 0 ? fades.outSamples : isCut && !isEqual ? fadeSamples : 0;
  const fadeStart = lastSample - fade;
  const changedFrom = Math.min(endSample, fadeStart);
  // One packet before the first changed sample, as neighbouring packets overlap.
  const seam = Math.floor(changedFrom / samplesPerPacket) - 1;
  const head = fades.inSamples > 0 ? Math.ceil(fades.inSamples / samplesPerPacket) + runInPackets : 0;
  const firstEncoded = seam - runInPackets;
  if (firstEncoded < 0 || firstEncoded < head || seam > songPackets) return { kind: 'encode' };
  const fromSample = firstEncoded * samplesPerPacket;
  const isSilent = songSamples < videoSamples && !isEqual;
  return {
    kind: isSilent ? 'silence' : isEqual ? 'faded' : 'cut',
    packets,
    head,
    seam,
    skip: runInPackets,
    fromSample,
    toSample: endSample,
    fadeFrom: fade > 0 ? fadeStart - fromSample : 0,
    fadeSamples: fadeStart < endSample ? fade : 0,
    silenceSamples: isSilent ? silenceSamples : 0,
  };
}
