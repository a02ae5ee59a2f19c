import { join } from 'node:path';
import { openAacPackets } from './aac-packets';
import { encodeEndingArguments, encodeWholeArguments, type SoundFile } from './compose.arguments';
import { runFfmpeg } from './ffmpeg.runner';
import type { MediaTools } from './media.types';
import { cutSlice } from './slice';
import { planSongEnding } from './song-ending';
import { readWav } from './wav';

export type ComposedSong = {
  /** The WAV master. */
  masterPath: string;
  /** The AAC made of it at upload; without it, the master is encoded now. */
  aacPath: string | null;
};

export type PreparedSound = SoundFile & {
  /** What became of the song: untouched, cut with a fade, or ended with silence. */
  ending: 'as-is' | 'cut' | 'silence';
  /** Whether its packets were copied but for the end. */
  copied: boolean;
};

/** Writes the sound of a video of `videoSamples` samples into the folder. */
export async function prepareSound(
  tools: MediaTools,
  song: ComposedSong,
  videoSamples: number,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<PreparedSound> {
  const master = await readWav(song.masterPath);
  const ending = master.samples > videoSamples ? 'cut' : master.samples < videoSamples ? 'silence' : 'as-is';
  const copied =
    song.aacPath === null ? null : await copyPackets(tools, song, song.aacPath, videoSamples, folder, signal);
  if (copied !== null) return copied;
  const outputPath = join(folder, 'sound.m4a');
  await runFfmpeg(tools, {
    step: 'Encode the song',
    args: encodeWholeArguments({
      masterPath: song.masterPath,
      videoSamples,
      songSamples: master.samples,
      channels: master.channels,
      outputPath,
    }),
    signal,
    timeLimitSeconds: 60 + videoSamples / 48_000,
  });
  return { path: outputPath, kind: 'm4a', ending, copied: false };
}

async function copyPackets(
  tools: MediaTools,
  song: ComposedSong,
  aacPath: string,
  videoSamples: number,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<PreparedSound | null> {
  const master = await readWav(song.masterPath);
  const packets = await openAacPackets(aacPath);
  // Another master than the one this AAC was made of would make a seam of two songs.
  const isOfMaster =
    packets !== null &&
    packets.channels === master.channels &&
    Math.abs((packets.count - 1) * 1024 - master.samples) <= 2048;
  if (packets === null || !isOfMaster) {
    tools.log.warn(
      { reason: packets === null ? 'not as encoded here' : 'not of this master' },
      'song_copy_not_usable',
    );
    return null;
  }
  const plan = planSongEnding(videoSamples, master.samples, packets.count);
  if (plan.kind === 'encode') return null;
  const path = join(folder, 'sound.aac');
  if (plan.kind === 'as-is') {
    await Bun.write(path, await packets.read(0, plan.packets));
    return { path, kind: 'adts', ending: 'as-is', copied: true };
  }
  const slicePath = join(folder, 'ending.wav');
  const endingPath = join(folder, 'ending.m4a');
  await cutSlice({
    masterPath: song.masterPath,
    startSample: plan.fromSample,
    endSample: plan.toSample,
    outputPath: slicePath,
  });
  await runFfmpeg(tools, {
    step: 'Encode the end of the song',
    args: encodeEndingArguments(plan, slicePath, master.channels, endingPath),
    signal,
    timeLimitSeconds: 60,
  });
  const encoded = await openAacPackets(endingPath);
  if (encoded === null || encoded.channels !== packets.channels) return null;
  const needed = plan.packets - plan.seam;
  const last = Math.min(encoded.count, plan.skip + needed);
  const missing = plan.packets - plan.seam - (last - plan.skip);
  const silence = missing > 0 ? await encoded.read(last - 1, last) : new Uint8Array();
  const writer = Bun.file(path).writer();
  writer.write(await packets.read(0, plan.seam));
  writer.write(await encoded.read(plan.skip, last));
  for (let packet = 0; packet < missing; packet++) writer.write(silence);
  await writer.end();
  return { path, kind: 'adts', ending: plan.kind, copied: true };
}
