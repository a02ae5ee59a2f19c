import { readWav } from './wav';

/** Hundredths of a second: fine enough to see a syllable, and a song's is some 20 kB. */
export const PEAKS_PER_SECOND = 100;

/** Read in pieces of about a megabyte, so that long songs don't fill the memory. */
const CHUNK_BYTES = 1024 * 1024;

/**
 * The loudest sample (over all channels) of each hundredth of a second of a 16-bit WAV master, as one
 * byte each: 0 silence, 255 full scale. The last one may cover less.
 */
export async function measurePeaks(wavPath: string): Promise<Uint8Array> {
  const info = await readWav(wavPath);
  if (info.bitsPerSample !== 16) {
    throw new Error(`Masters have 16 bits a sample; this one has ${info.bitsPerSample}.`);
  }
  const perPeak = (info.sampleRate / PEAKS_PER_SECOND) * info.channels;
  const values = info.samples * info.channels;
  const peaks = new Uint8Array(Math.ceil(values / perPeak));
  const file = Bun.file(wavPath);
  const end = info.dataOffset + values * 2;
  let index = 0;
  for (let at = info.dataOffset; at < end; at += CHUNK_BYTES) {
    const samples = new Int16Array(await file.slice(at, Math.min(end, at + CHUNK_BYTES)).arrayBuffer());
    for (const sample of samples) {
      const peak = Math.floor(index / perPeak);
      // -32768 has no positive counterpart in 16 bits, but does in a number.
      const loudness = Math.min(255, Math.round(Math.abs(sample) / 128.5));
      if (loudness > (peaks[peak] ?? 0)) peaks[peak] = loudness;
      index += 1;
    }
  }
  return peaks;
}
