/** As many as the server measures: one each hundredth of a second. */
const PER_SECOND = 100;
/** Low, because only loudness is looked at: a song of five minutes decodes to 10 MB. */
const DECODE_RATE = 8000;

export type LocalSong = { seconds: number; peaks: Uint8Array };

/** Length and loudness of a file in this browser; null when it can't decode it (the studio may). */
export async function readLocalSong(file: Blob): Promise<LocalSong | null> {
  const context = new OfflineAudioContext(1, 1, DECODE_RATE);
  let audio: AudioBuffer;
  try {
    audio = await context.decodeAudioData(await file.arrayBuffer());
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
  const perPeak = audio.sampleRate / PER_SECOND;
  const peaks = new Uint8Array(Math.ceil(audio.length / perPeak));
  for (let channel = 0; channel < audio.numberOfChannels; channel++) {
    const samples = audio.getChannelData(channel);
    for (let at = 0; at < samples.length; at++) {
      const peak = Math.floor(at / perPeak);
      const loudness = Math.min(255, Math.abs(samples[at] ?? 0) * 255);
      if (loudness > (peaks[peak] ?? 0)) peaks[peak] = loudness;
    }
  }
  return { seconds: audio.duration, peaks };
}
