import { open } from 'node:fs/promises';
import { boxes, child } from './mp4.boxes';

/** What an MP4's index claims, before anything believes it. */
export type Mp4Claims = {
  tracks: number;
  /** Frames and packets of all tracks together. */
  samples: number;
  /** Bytes of the index itself. */
  indexBytes: number;
};

/** Longest index that is read at all; 30 minutes of video with sound have 2 MB. */
export const longestIndexBytes = 64_000_000;
/** Boxes at the top of a file; a fragmented hour in pieces of half a second has 14,400. */
const mostBoxes = 200_000;

/**
 * Adds up what the index of an MP4 and its fragments claim. A few bytes can claim a billion frames
 * (equal sizes, run-lengths), for which readers then reserve memory; so this looks at the numbers alone.
 * Null when the file has no index or it can't be read.
 */
export async function readMp4Claims(path: string): Promise<Mp4Claims | null> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const claims: Mp4Claims = { tracks: 0, samples: 0, indexBytes: 0 };
    const header = Buffer.alloc(16);
    let at = 0;
    let found = false;
    for (let count = 0; at + 8 <= size && count < mostBoxes; count++) {
      header.fill(0);
      await file.read(header, 0, 16, at);
      const short = header.readUInt32BE(0);
      const length = short === 1 ? Number(header.readBigUInt64BE(8)) : short === 0 ? size - at : short;
      const headerBytes = short === 1 ? 16 : 8;
      if (length < headerBytes) break;
      const type = header.toString('latin1', 4, 8);
      if (type === 'moov' || type === 'moof') {
        found = true;
        claims.indexBytes += length;
        if (claims.indexBytes > longestIndexBytes) return claims;
        const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - at) - headerBytes));
        await file.read(bytes, 0, bytes.length, at + headerBytes);
        if (type === 'moov') addIndex(bytes, claims);
        else addFragment(bytes, claims);
      }
      at += length;
    }
    return found ? claims : null;
  } finally {
    await file.close();
  }
}

/** A number of a box, 0 where the box ends before it. */
const number = (bytes: Buffer, at: number, end: number) => (at + 4 <= end ? bytes.readUInt32BE(at) : 0);

function addIndex(bytes: Buffer, claims: Mp4Claims): void {
  for (const trak of boxes(bytes, 0, bytes.length).filter((box) => box.type === 'trak')) {
    claims.tracks += 1;
    const table = (type: string) => child(bytes, trak, 'mdia', 'minf', 'stbl', type);
    const sizes = table('stsz') ?? table('stz2');
    const sized = sizes === null ? 0 : number(bytes, sizes.start + 8, sizes.end);
    const times = table('stts');
    let timed = 0;
    const entries = times === null ? 0 : number(bytes, times.start + 4, times.end);
    for (let entry = 0; times !== null && entry < entries; entry++) {
      const place = times.start + 8 + entry * 8;
      if (place + 4 > times.end) break;
      timed += bytes.readUInt32BE(place);
    }
    claims.samples += Math.max(sized, timed);
  }
}

function addFragment(bytes: Buffer, claims: Mp4Claims): void {
  for (const traf of boxes(bytes, 0, bytes.length).filter((box) => box.type === 'traf')) {
    for (const run of boxes(bytes, traf.start, traf.end).filter((box) => box.type === 'trun')) {
      claims.samples += number(bytes, run.start + 4, run.end);
    }
  }
}
