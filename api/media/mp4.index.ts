import type { Mp4Run } from './mp4.samples';

/**
 * Units per second of the movie header and of edits: whole for every frame of 24, 25 and 30 fps and for
 * every sample of sound, so that no length is rounded.
 */
export const movieTimescale = 48_000;

/** A track to be written: what ISO 14496-12 keeps in a `trak`. */
export type Mp4TrackIndex = {
  kind: 'video' | 'audio';
  /** Units per second of durations, shifts and `editStart`. */
  timescale: number;
  /** The sample entry as a whole box. */
  entry: Buffer;
  /** Pixels; 0 for sound. */
  width: number;
  height: number;
  /** Bytes of each sample, in stored order. */
  sizes: number[];
  durations: Mp4Run[];
  shifts: Mp4Run[] | null;
  /** Indexes from 0; null: all samples can be decoded alone. */
  keyFrames: number[] | null;
  /** Samples that lie one after the other in the file, and where. */
  chunks: { offset: number; samples: number }[];
  /** Media time at which the presentation begins; what lies before is decoded and not shown. */
  editStart: number;
};

/** The file's first box: the brands that ffmpeg writes, which every player knows. */
export function fileTypeBox(): Buffer {
  return box('ftyp', text('isom'), u32(512), text('isomiso2avc1mp41'));
}

/** The head of the box of samples: 16 bytes, so that any length can be written. */
export function mediaDataHead(bytes: number): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32BE(1, 0);
  head.write('mdat', 4, 'latin1');
  head.writeBigUInt64BE(BigInt(bytes + 16), 8);
  return head;
}

/** The index (moov) of a file. Its length does not depend on the chunks' places, only on their number and `far`. */
export function indexBox(tracks: Mp4TrackIndex[], options: { far: boolean }): Buffer {
  const durations = tracks.map(shownUnits);
  const header = full(
    'mvhd',
    1,
    0,
    u64(0),
    u64(0),
    u32(movieTimescale),
    u64(Math.max(...durations)),
    // Rate 1, volume 1, no matrix to speak of, the number of a next track.
    ...[
      u32(0x10000),
      u16(0x100),
      Buffer.alloc(10),
      identityMatrix(),
      Buffer.alloc(24),
      u32(tracks.length + 1),
    ],
  );
  return box(
    'moov',
    header,
    ...tracks.map((track, at) => trackBox(track, at + 1, durations[at] ?? 0, options.far)),
  );
}

const mediaUnits = (track: Mp4TrackIndex) =>
  track.durations.reduce((sum, run) => sum + run.count * run.units, 0);

/** How long a track is shown, in units of the movie. */
const shownUnits = (track: Mp4TrackIndex) =>
  Math.round(
    ((mediaUnits(track) - (track.shifts === null ? track.editStart : 0)) * movieTimescale) / track.timescale,
  );

function trackBox(track: Mp4TrackIndex, id: number, shown: number, far: boolean): Buffer {
  const isVideo = track.kind === 'video';
  const header = full(
    'tkhd',
    1,
    // Enabled, and part of the presentation.
    3,
    ...[u64(0), u64(0), u32(id), u32(0), u64(shown), Buffer.alloc(8), u16(0), u16(isVideo ? 0 : 1)],
    ...[
      u16(isVideo ? 0 : 0x100),
      u16(0),
      identityMatrix(),
      u32(track.width * 65_536),
      u32(track.height * 65_536),
    ],
  );
  const edit = full('elst', 1, 0, u32(1), u64(shown), u64(track.editStart), u32(0x10000));
  // "und", the undetermined language, as three letters of five bits.
  const media = full(
    'mdhd',
    1,
    0,
    u64(0),
    u64(0),
    u32(track.timescale),
    u64(mediaUnits(track)),
    u16(0x55c4),
    u16(0),
  );
  const handler = full(
    'hdlr',
    0,
    0,
    ...[
      u32(0),
      text(isVideo ? 'vide' : 'soun'),
      Buffer.alloc(12),
      text(isVideo ? 'VideoHandler\0' : 'SoundHandler\0'),
    ],
  );
  const kind = isVideo ? full('vmhd', 0, 1, Buffer.alloc(8)) : full('smhd', 0, 0, Buffer.alloc(4));
  // The samples are in this very file.
  const place = box('dinf', full('dref', 0, 0, u32(1), full('url ', 0, 1)));
  const information = box('minf', kind, place, sampleTable(track, far));
  return box('trak', header, box('edts', edit), box('mdia', media, handler, information));
}

function sampleTable(track: Mp4TrackIndex, far: boolean): Buffer {
  const { keyFrames, shifts } = track;
  const runs = (type: string, of: Mp4Run[]) =>
    full(type, 0, 0, u32(of.length), u32s(of.flatMap(({ count, units }) => [count, units])));
  return box(
    'stbl',
    full('stsd', 0, 0, u32(1), track.entry),
    runs('stts', track.durations),
    ...(keyFrames === null
      ? []
      : [full('stss', 0, 0, u32(keyFrames.length), u32s(keyFrames.map((index) => index + 1)))]),
    ...(shifts === null ? [] : [runs('ctts', shifts)]),
    samplesPerChunk(track),
    full('stsz', 0, 0, u32(0), u32(track.sizes.length), u32s(track.sizes)),
    chunkOffsets(track, far),
  );
}

/** stsc has an entry only where the number of samples changes. */
function samplesPerChunk({ chunks }: Mp4TrackIndex): Buffer {
  const entries = chunks.flatMap(({ samples }, at) =>
    chunks[at - 1]?.samples === samples ? [] : [at + 1, samples, 1],
  );
  return full('stsc', 0, 0, u32(entries.length / 3), u32s(entries));
}

function chunkOffsets({ chunks }: Mp4TrackIndex, far: boolean): Buffer {
  if (!far) return full('stco', 0, 0, u32(chunks.length), u32s(chunks.map(({ offset }) => offset)));
  return full('co64', 0, 0, u32(chunks.length), ...chunks.map(({ offset }) => u64(offset)));
}

function identityMatrix(): Buffer {
  return u32s([0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000]);
}

function box(type: string, ...parts: Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 8);
  return Buffer.concat([u32(length), text(type), ...parts], length);
}

function full(type: string, version: number, flags: number, ...parts: Buffer[]): Buffer {
  return box(type, u32(version * 2 ** 24 + flags), ...parts);
}

const text = (value: string) => Buffer.from(value, 'latin1');

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

const u32 = (value: number) => u32s([value]);

function u32s(values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, at * 4);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
