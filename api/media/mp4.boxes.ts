import { open } from 'node:fs/promises';

/** What an MP4's index says about one track; times are in units of the track's timescale. */
export type Mp4Track = {
  kind: 'video' | 'audio' | 'other';
  timescale: number;
  samples: number;
  /** Every distinct duration of a sample. */
  sampleDurations: number[];
  /** True when frames are shown in another order than they are stored (B-frames). */
  reordered: boolean;
  /** Media time at which the presentation starts; 0 without an edit list. */
  editStart: number;
  edits: number;
  codec: string;
  width: number;
  height: number;
  /** All that a decoder must know, as hex: two tracks can be joined only when it is equal. */
  decoderSetup: string;
};

export type Box = { type: string; start: number; end: number };

/**
 * Reads the index (moov) of an MP4 without starting a process. Returns null for a file that has
 * none, or one that this small reader does not understand (fragmented, cut short).
 */
export async function readMp4Tracks(path: string): Promise<Mp4Track[] | null> {
  const moov = await readMoov(path);
  if (moov === null) return null;
  try {
    const traks = boxes(moov, 0, moov.length).filter((box) => box.type === 'trak');
    return traks.map((trak) => readTrack(moov, trak));
  } catch (thrown) {
    // Offsets that point outside the index: damaged, not ours.
    if (thrown instanceof RangeError) return null;
    throw thrown;
  }
}

/** The bytes inside the moov box; an index beyond 64 MB (hours of video) is none of ours. */
export async function readMoov(path: string): Promise<Buffer | null> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const header = Buffer.alloc(16);
    let at = 0;
    while (at + 8 <= size) {
      await file.read(header, 0, 16, at);
      const short = header.readUInt32BE(0);
      const length = short === 1 ? Number(header.readBigUInt64BE(8)) : short === 0 ? size - at : short;
      const headerBytes = short === 1 ? 16 : 8;
      if (length < headerBytes) return null;
      if (header.toString('latin1', 4, 8) === 'moov') {
        if (length > 64_000_000 || at + length > size) return null;
        const moov = Buffer.alloc(length - headerBytes);
        await file.read(moov, 0, moov.length, at + headerBytes);
        return moov;
      }
      at += length;
    }
    return null;
  } finally {
    await file.close();
  }
}

/** The boxes between two places, up to the first that does not fit. */
export function boxes(bytes: Buffer, from: number, to: number): Box[] {
  const found: Box[] = [];
  let at = from;
  while (at + 8 <= to) {
    const length = bytes.readUInt32BE(at);
    if (length < 8 || at + length > to) break;
    found.push({ type: bytes.toString('latin1', at + 4, at + 8), start: at + 8, end: at + length });
    at += length;
  }
  return found;
}

/** The first box along a path of types; null when one is missing. */
export function child(bytes: Buffer, parent: Box, ...path: string[]): Box | null {
  let current: Box | undefined = parent;
  for (const type of path) {
    current = current && boxes(bytes, current.start, current.end).find((box) => box.type === type);
  }
  return current ?? null;
}

export function readTrack(bytes: Buffer, trak: Box): Mp4Track {
  const need = (...path: string[]): Box => {
    const box = child(bytes, trak, ...path);
    if (box === null) throw new RangeError(`no ${path.join('/')}`);
    return box;
  };
  const header = need('mdia', 'mdhd');
  const version = bytes.readUInt8(header.start);
  const timescale = bytes.readUInt32BE(header.start + (version === 1 ? 20 : 12));
  const handler = bytes.toString('latin1', need('mdia', 'hdlr').start + 8, need('mdia', 'hdlr').start + 12);
  const durations = need('mdia', 'minf', 'stbl', 'stts');
  const sampleDurations = new Set<number>();
  let samples = 0;
  for (let entry = 0; entry < bytes.readUInt32BE(durations.start + 4); entry++) {
    samples += bytes.readUInt32BE(durations.start + 8 + entry * 8);
    sampleDurations.add(bytes.readUInt32BE(durations.start + 12 + entry * 8));
  }
  const edits = readEdits(bytes, child(bytes, trak, 'edts', 'elst'));
  const kind = handler === 'vide' ? 'video' : handler === 'soun' ? 'audio' : 'other';
  return {
    kind,
    timescale,
    samples,
    sampleDurations: [...sampleDurations],
    reordered: child(bytes, trak, 'mdia', 'minf', 'stbl', 'ctts') !== null,
    editStart: edits.start,
    edits: edits.count,
    ...readSampleEntry(bytes, need('mdia', 'minf', 'stbl', 'stsd'), kind),
  };
}

function readEdits(bytes: Buffer, elst: Box | null): { start: number; count: number } {
  if (elst === null) return { start: 0, count: 0 };
  const count = bytes.readUInt32BE(elst.start + 4);
  const long = bytes.readUInt8(elst.start) === 1;
  const start = long ? Number(bytes.readBigInt64BE(elst.start + 16)) : bytes.readInt32BE(elst.start + 12);
  return { start: count === 0 ? 0 : start, count };
}

/**
 * The first sample entry: codec, size and its inner boxes but btrt, which holds the bit rate and
 * so differs from file to file (and the encoder's name, which decides nothing).
 */
function readSampleEntry(
  bytes: Buffer,
  stsd: Box,
  kind: Mp4Track['kind'],
): Pick<Mp4Track, 'codec' | 'width' | 'height' | 'decoderSetup'> {
  const entry = boxes(bytes, stsd.start + 8, stsd.end)[0];
  if (entry === undefined) throw new RangeError('no sample entry');
  // Fixed fields before the inner boxes: 78 bytes of a visual entry, 28 of a sound entry.
  const inner = boxes(bytes, entry.start + (kind === 'video' ? 78 : 28), entry.end);
  const setup = inner
    .filter((box) => box.type !== 'btrt')
    .map((box) => `${box.type}:${bytes.toString('hex', box.start, box.end)}`);
  return {
    codec: entry.type,
    width: kind === 'video' ? bytes.readUInt16BE(entry.start + 24) : 0,
    height: kind === 'video' ? bytes.readUInt16BE(entry.start + 26) : 0,
    decoderSetup: setup.join(' '),
  };
}
