import { join } from 'node:path';
import { SAMPLE_RATE } from '../contract/format.schema';
import { openAacPackets } from './aac-packets';
import { encodeBeginningArguments, encodeEndingArguments, encodeWholeArguments } from './compose.arguments';
import { runFfmpeg } from './ffmpeg.runner';
import type { MediaTools } from './media.types';
import type { JoinedSound, SoundPiece } from './mp4.join';
import { cutSlice } from './slice';
import { planSongEnding, type SoundFades, samplesPerPacket } from './song-ending';
import { readWav } from './wav';

export type ComposedSong = {
  /** The WAV master. */
  masterPath: string;
  /** The AAC made of it at upload; without it, the master is encoded now. */
  aacPath: string | null;
};

export type PreparedSound = {
  sound: JoinedSound;
  /** What became of the song: untouched, cut with a fade, or ended with silence. */
  ending: 'as-is' | 'cut' | 'silence';
  /** Whether its packets were copied but for the end. */
  copied: boolean;
};

/** The packets of the sound of a video of `videoSamples` samples; what has to be encoded lies in the folder. */
export async function prepareSound(
  tools: MediaTools,
  song: ComposedSong,
  video: { samples: number; fades: SoundFades },
  folder: string,
  signal: AbortSignal | undefined,
): Promise<PreparedSound> {
  const { samples: videoSamples, fades } = video;
  const master = await readWav(song.masterPath);
  const ending = master.samples > videoSamples ? 'cut' : master.samples < videoSamples ? 'silence' : 'as-is';
  const copied =
    song.aacPath === null ? null : await copyPackets(tools, song, song.aacPath, video, folder, signal);
  if (copied !== null) return copied;
  const outputPath = join(folder, 'sound.m4a');
  await runFfmpeg(tools, {
    step: 'Encode the song',
    args: encodeWholeArguments({
      masterPath: song.masterPath,
      videoSamples,
      songSamples: master.samples,
      fades,
      channels: master.channels,
      outputPath,
    }),
    signal,
    timeLimitSeconds: 60 + videoSamples / 48_000,
  });
  const encoded = await openAacPackets(outputPath);
  if (encoded === null) throw new Error('The encoder made another kind of sound than it was told to.');
  const packets = encoded.packets.slice(0, Math.floor(videoSamples / samplesPerPacket) + 1);
  return { sound: joined(encoded.entry, [{ path: outputPath, packets }]), ending, copied: false };
}

const joined = (entry: Buffer, pieces: SoundPiece[]): JoinedSound => ({
  entry,
  pieces,
  sampleRate: SAMPLE_RATE,
  packetSamples: samplesPerPacket,
  runIn: samplesPerPacket,
});

type EncodeArguments = (slicePath: string, outputPath: string) => string[];

async function copyPackets(
  tools: MediaTools,
  song: ComposedSong,
  aacPath: string,
  video: { samples: number; fades: SoundFades },
  folder: string,
  signal: AbortSignal | undefined,
): Promise<PreparedSound | null> {
  const master = await readWav(song.masterPath);
  const packets = await openAacPackets(aacPath);
  // Another master than the one this AAC was made of would make a seam of two songs.
  const isOfMaster =
    packets !== null &&
    packets.channels === master.channels &&
    Math.abs((packets.packets.length - 1) * samplesPerPacket - master.samples) <= 2 * samplesPerPacket;
  if (packets === null || !isOfMaster) {
    tools.log.warn(
      { reason: packets === null ? 'not as encoded here' : 'not of this master' },
      'song_copy_not_usable',
    );
    return null;
  }
  const plan = planSongEnding(video.samples, master.samples, packets.packets.length, video.fades);
  if (plan.kind === 'encode') return null;
  const copy = (from: number, to: number): SoundPiece => ({
    path: aacPath,
    packets: packets.packets.slice(from, to),
  });
  if (plan.kind === 'as-is') {
    return { sound: joined(packets.entry, [copy(0, plan.packets)]), ending: 'as-is', copied: true };
  }
  const encode = async (name: string, from: number, to: number, args: EncodeArguments) => {
    const [slicePath, outputPath] = [join(folder, `${name}.wav`), join(folder, `${name}.m4a`)];
    await cutSlice({ masterPath: song.masterPath, startSample: from, endSample: to, outputPath: slicePath });
    await runFfmpeg(tools, {
      step: `Encode the ${name} of the song`,
      args: args(slicePath, outputPath),
      signal,
      timeLimitSeconds: 60,
    });
    const encoded = await openAacPackets(outputPath);
    return encoded?.channels === packets.channels ? encoded : null;
  };
  const { channels } = master;
  const head =
    plan.head === 0
      ? { path: aacPath, packets: [] }
      : await encode('beginning', 0, (plan.head + 2) * samplesPerPacket, (from, to) =>
          encodeBeginningArguments(video.fades.inSamples, from, channels, to),
        );
  const encoded = await encode('end', plan.fromSample, plan.toSample, (from, to) =>
    encodeEndingArguments(plan, from, channels, to),
  );
  if (head === null || encoded === null) return null;
  const ending = encoded.packets.slice(plan.skip, plan.skip + plan.packets - plan.seam);
  // Silence lasts as long as the pictures: its last packet comes again and again.
  const silence = encoded.packets.slice(-1);
  const missing = plan.packets - plan.seam - ending.length;
  const tail = [...ending, ...Array.from({ length: missing }, () => silence).flat()];
  return {
    sound: joined(packets.entry, [
      { path: head.path, packets: head.packets.slice(0, plan.head) },
      copy(plan.head, plan.seam),
      { path: encoded.path, packets: tail },
    ]),
    ending: plan.kind === 'faded' ? 'as-is' : plan.kind,
    copied: true,
  };
}
