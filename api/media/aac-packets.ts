import { type Mp4Sample, readMp4Samples } from './mp4.samples';
import { samplesPerPacket } from './song-ending';

/** The packets of an AAC track as our own encoder writes it. */
export type AacPackets = {
  path: string;
  channels: number;
  /** The first one is the encoder's run-in. */
  packets: Mp4Sample[];
  /** The track's sample entry (mp4a). */
  entry: Buffer;
};

/**
 * Opens the song's m4a for copying packets. Null when it is not as prepareSong makes it (AAC-LC,
 * 48 kHz, 1 or 2 channels, 1024 samples of run-in): it is encoded from the master then.
 */
export async function openAacPackets(path: string): Promise<AacPackets | null> {
  const found = await readMp4Samples(path, 'audio');
  if (found === null) return null;
  const { track, samples, entry } = found;
  const config = audioConfig(track.decoderSetup);
  const channels = config === null ? 0 : (config[1] >> 3) & 15;
  // AudioSpecificConfig: 5 bits object type (2 = LC), 4 bits rate (3 = 48 kHz), 4 bits channels.
  const isOurs =
    config !== null &&
    config[0] >> 3 === 2 &&
    (((config[0] & 7) << 1) | (config[1] >> 7)) === 3 &&
    channels >= 1;
  const isPlain = track.timescale === 48_000 && track.editStart === samplesPerPacket && track.edits === 1;
  const durations = track.sampleDurations.filter((units) => units !== samplesPerPacket);
  if (!isOurs || !isPlain || channels > 2 || durations.length > 1) return null;
  return { path, channels, packets: samples, entry };
}

/** The first two bytes of the AudioSpecificConfig: tag 5 inside the esds box's descriptors. */
function audioConfig(decoderSetup: string): [number, number] | null {
  const esds = /esds:([0-9a-f]+)/.exec(decoderSetup)?.[1];
  if (esds === undefined) return null;
  const bytes = Buffer.from(esds, 'hex');
  let at = 4;
  while (at + 2 < bytes.length) {
    const tag = bytes[at++];
    let length = 0;
    let byte = 0x80;
    while (byte & 0x80 && at < bytes.length) {
      byte = bytes[at++] ?? 0;
      length = (length << 7) | (byte & 0x7f);
    }
    // Descriptors 3 and 4 hold others behind 3 and 13 bytes of their own.
    if (tag === 3) at += 3;
    else if (tag === 4) at += 13;
    else if (tag === 5) return [bytes[at] ?? 0, bytes[at + 1] ?? 0];
    else at += length;
  }
  return null;
}
