import { type FileHandle, open } from 'node:fs/promises';
import { AppError } from '../shared/errors';
import type { StepOptions } from './media.types';
import { fileTypeBox, indexBox, type Mp4TrackIndex, mediaDataHead } from './mp4.index';
import { type Mp4Run, type Mp4Sample, type Mp4Samples, partOfTable, readMp4Samples } from './mp4.samples';

/** Packets of sound that lie in one file. */
export type SoundPiece = { path: string; packets: Mp4Sample[] };

export type JoinedSound = {
  /** The sample entry (mp4a) that all packets decode with. */
  entry: Buffer;
  pieces: SoundPiece[];
  /** Samples per second, and per packet. */
  sampleRate: number;
  packetSamples: number;
  /** Samples of run-in before what is heard. */
  runIn: number;
};

/** A video of which only the samples [from, to) are taken; without them all of it. */
export type JoinedVideo = { path: string; from?: number; to?: number };

export type JoinRequest = {
  /**
   * Files of one encoder, set up equally; the same one may come more than once. A part must begin with a key
   * frame, and may end anywhere in a video without B-frames.
   */
  videos: JoinedVideo[];
  sound: JoinedSound;
  outputPath: string;
};

/** Bytes that are read and written at a time; larger ones are no faster and need their memory. */
const copyBytes = 1024 * 1024;
/** Above it places in a file need more than 32 bits. */
const farBytes = 2 ** 32 - 2 ** 24;

/**
 * Puts videos one after the other and sound beside them by copying their samples under a new index: no
 * process, no encoding, 1 MiB of samples in memory at a time. The index stands in front, so that a browser
 * plays the file before it is loaded whole; picture and sound alternate each second.
 * @throws AppError `TakesNotJoinable` for a file without video or one that begins elsewhere than the first,
 * `ComposeIncomplete` when a file is shorter than its index says
 */
export async function joinVideos(
  request: JoinRequest,
  options: StepOptions = {},
): Promise<{ frames: number; bytes: number }> {
  const takes = await readTakes(request.videos);
  const video = joinTables(takes.map((take) => take.table));
  const plan = interleave(takes, request.sound, video);
  const tracks = (base: number): Mp4TrackIndex[] => [
    { ...video, chunks: plan.videoChunks.map((chunk) => ({ ...chunk, offset: chunk.offset + base })) },
    {
      ...soundTable(request.sound),
      chunks: plan.soundChunks.map((chunk) => ({ ...chunk, offset: chunk.offset + base })),
    },
  ];
  const head = (base: number) => {
    const far = plan.bytes > farBytes;
    return Buffer.concat([fileTypeBox(), indexBox(tracks(base), { far }), mediaDataHead(plan.bytes)]);
  };
  const index = head(head(0).length);
  const output = await open(request.outputPath, 'w');
  try {
    await output.write(index);
    await copyPieces(plan.pieces, output, options, plan.bytes);
  } finally {
    await output.close();
  }
  return { frames: video.sizes.length, bytes: index.length + plan.bytes };
}

type Take = { path: string; table: Mp4Samples };

async function readTakes(videos: JoinedVideo[]): Promise<Take[]> {
  const read = new Map<string, Mp4Samples>();
  const takes: Take[] = [];
  for (const { path, from, to } of videos) {
    const table = read.get(path) ?? (await readMp4Samples(path, 'video'));
    const first = takes[0]?.table.track ?? table?.track;
    const fits =
      table !== null &&
      first !== undefined &&
      table.track.timescale === first.timescale &&
      table.track.editStart === first.editStart &&
      table.track.decoderSetup === first.decoderSetup;
    if (!fits) {
      throw new AppError({
        code: 'TakesNotJoinable',
        message:
          'Some clips were encoded in another way and must be normalised again before the video can be put together.',
        details: { positions: [takes.length + 1] },
      });
    }
    read.set(path, table);
    takes.push({
      path,
      table: from === undefined && to === undefined ? table : partOfTable(table, from, to),
    });
  }
  return takes;
}

/** One table of all videos, but for the samples' places. */
function joinTables(tables: Mp4Samples[]): Omit<Mp4TrackIndex, 'chunks'> {
  const [first] = tables;
  if (first === undefined) throw new Error('Nothing to join.');
  const sizes: number[] = [];
  const durations: Mp4Run[] = [];
  const shifts: Mp4Run[] = [];
  const keyFrames: number[] = [];
  for (const table of tables) {
    const before = sizes.length;
    for (const sample of table.samples) sizes.push(sample.bytes);
    addRuns(durations, table.durations);
    addRuns(shifts, table.shifts ?? [{ count: table.samples.length, units: 0 }]);
    for (const index of table.keyFrames ?? table.samples.keys()) keyFrames.push(before + index);
  }
  const { timescale, width, height, editStart } = first.track;
  return {
    kind: 'video',
    timescale,
    entry: first.entry,
    width,
    height,
    sizes,
    durations,
    shifts: tables.every((table) => table.shifts === null) ? null : shifts,
    keyFrames: keyFrames.length === sizes.length ? null : keyFrames,
    editStart,
  };
}

function addRuns(to: Mp4Run[], runs: Mp4Run[]): void {
  for (const run of runs) {
    const last = to.at(-1);
    if (last?.units === run.units) last.count += run.count;
    else to.push({ ...run });
  }
}

function soundTable(sound: JoinedSound): Omit<Mp4TrackIndex, 'chunks'> {
  const sizes = sound.pieces.flatMap((piece) => piece.packets.map((packet) => packet.bytes));
  return {
    kind: 'audio',
    timescale: sound.sampleRate,
    entry: sound.entry,
    width: 0,
    height: 0,
    sizes,
    durations: [{ count: sizes.length, units: sound.packetSamples }],
    shifts: null,
    keyFrames: null,
    editStart: sound.runIn,
  };
}

/** Bytes of one file that are copied in one go. */
type Piece = { path: string; offset: number; bytes: number };
type Chunk = { offset: number; samples: number };

/** The order of all samples in the joined file: a second of pictures, then the sound until its end. */
function interleave(
  takes: Take[],
  sound: JoinedSound,
  video: Omit<Mp4TrackIndex, 'chunks'>,
): { pieces: Piece[]; videoChunks: Chunk[]; soundChunks: Chunk[]; bytes: number } {
  const pieces: Piece[] = [];
  const [videoChunks, soundChunks]: [Chunk[], Chunk[]] = [[], []];
  let bytes = 0;
  const add = (path: string, sample: Mp4Sample) => {
    const last = pieces.at(-1);
    if (last?.path === path && last.offset + last.bytes === sample.offset) last.bytes += sample.bytes;
    else pieces.push({ path, offset: sample.offset, bytes: sample.bytes });
    bytes += sample.bytes;
  };
  const packets = eachPacket(sound);
  let packetsTaken = 0;
  const addSound = (untilSecond: number) => {
    const chunk = { offset: bytes, samples: 0 };
    while (packetsTaken * sound.packetSamples < untilSecond * sound.sampleRate + sound.runIn) {
      const packet = packets.next();
      if (packet.done) break;
      add(packet.value.path, packet.value.sample);
      packetsTaken += 1;
      chunk.samples += 1;
    }
    if (chunk.samples > 0) soundChunks.push(chunk);
  };
  const frameUnits = video.durations[0]?.units ?? 1;
  const perSecond = Math.max(1, Math.round(video.timescale / frameUnits));
  let chunk: Chunk = { offset: 0, samples: 0 };
  for (const { path, table } of takes) {
    for (const sample of table.samples) {
      add(path, sample);
      chunk.samples += 1;
      if (chunk.samples < perSecond) continue;
      videoChunks.push(chunk);
      addSound(videoChunks.length);
      chunk = { offset: bytes, samples: 0 };
    }
  }
  if (chunk.samples > 0) videoChunks.push(chunk);
  addSound(Number.POSITIVE_INFINITY);
  return { pieces, videoChunks, soundChunks, bytes };
}

function* eachPacket(sound: JoinedSound): Generator<{ path: string; sample: Mp4Sample }> {
  for (const { path, packets } of sound.pieces) for (const sample of packets) yield { path, sample };
}

/** Copies all pieces in their order, through one buffer. */
async function copyPieces(
  pieces: Piece[],
  output: FileHandle,
  options: StepOptions,
  total: number,
): Promise<void> {
  const buffer = Buffer.allocUnsafe(copyBytes);
  const sources = openSources();
  let [filled, written] = [0, 0];
  const flush = async () => {
    options.signal?.throwIfAborted();
    for (let from = 0; from < filled; )
      from += (await output.write(buffer, from, filled - from)).bytesWritten;
    written += filled;
    filled = 0;
    options.onProgress?.(Math.min(1, written / total));
  };
  try {
    for (const piece of pieces) {
      const file = await sources.open(piece.path);
      let done = 0;
      while (done < piece.bytes) {
        const wanted = Math.min(piece.bytes - done, copyBytes - filled);
        const { bytesRead } = await file.read(buffer, filled, wanted, piece.offset + done);
        if (bytesRead === 0) throw cutShort(pieces.indexOf(piece), pieces.length);
        done += bytesRead;
        filled += bytesRead;
        if (filled === copyBytes) await flush();
      }
    }
    await flush();
  } finally {
    await sources.close();
  }
}

/** Two files at a time are in use, a video and the sound: a few are kept open, not one for each scene. */
function openSources(most = 4) {
  const files = new Map<string, FileHandle>();
  return {
    async open(path: string): Promise<FileHandle> {
      const known = files.get(path);
      if (known !== undefined) {
        // The last used one is closed last.
        files.delete(path);
        files.set(path, known);
        return known;
      }
      const [oldest] = files;
      if (files.size >= most && oldest !== undefined) {
        files.delete(oldest[0]);
        await oldest[1].close();
      }
      const file = await open(path, 'r');
      files.set(path, file);
      return file;
    },
    async close(): Promise<void> {
      for (const file of files.values()) await file.close();
    },
  };
}

function cutShort(piece: number, pieces: number): AppError {
  return new AppError({
    code: 'ComposeIncomplete',
    message:
      'A clip or the song ends before its index says, so the video could not be put together. Compose it again.',
    details: { expectedFrames: pieces, frames: piece, even: false, hasSound: true },
  });
}
