import { type Box, boxes, child, type Mp4Track, readMoov, readTrack } from './mp4.boxes';

/** Where one stored sample (a frame or a packet of sound) is in its file. */
export type Mp4Sample = { offset: number; bytes: number };

/** `count` samples one after the other with the same number of units of the track's timescale. */
export type Mp4Run = { count: number; units: number };

/** All that must be known of a track to store its samples in another file. */
export type Mp4Samples = {
  track: Mp4Track;
  /** In stored order. */
  samples: Mp4Sample[];
  durations: Mp4Run[];
  /** By how much a sample is shown after its place in stored order; null: in stored order. */
  shifts: Mp4Run[] | null;
  /** Indexes of the samples that can be decoded alone, from 0; null: all of them. */
  keyFrames: number[] | null;
  /** The sample entry (avc1, mp4a …) as a whole box, without its bit rates (btrt). */
  entry: Buffer;
};

/** The samples of the first track of a kind. Null as readMp4Tracks. */
export async function readMp4Samples(path: string, kind: Mp4Track['kind']): Promise<Mp4Samples | null> {
  const moov = await readMoov(path);
  if (moov === null) return null;
  try {
    for (const trak of boxes(moov, 0, moov.length).filter((box) => box.type === 'trak')) {
      const track = readTrack(moov, trak);
      if (track.kind === kind) return readSampleTable(moov, trak, track);
    }
    return null;
  } catch (thrown) {
    // Offsets that point outside the index: damaged, not ours.
    if (thrown instanceof RangeError) return null;
    throw thrown;
  }
}

/** The table of samples [from, to) alone. */
export function partOfTable(table: Mp4Samples, from = 0, to = table.samples.length): Mp4Samples {
  return {
    ...table,
    samples: table.samples.slice(from, to),
    durations: partOfRuns(table.durations, from, to),
    shifts: table.shifts === null ? null : partOfRuns(table.shifts, from, to),
    keyFrames:
      table.keyFrames === null
        ? null
        : table.keyFrames.filter((index) => index >= from && index < to).map((index) => index - from),
  };
}

function partOfRuns(runs: Mp4Run[], from: number, to: number): Mp4Run[] {
  let start = 0;
  return runs.flatMap(({ count, units }) => {
    const end = start + count;
    const left = Math.min(end, to) - Math.max(start, from);
    start = end;
    return left > 0 ? [{ count: left, units }] : [];
  });
}

function readSampleTable(bytes: Buffer, trak: Box, track: Mp4Track): Mp4Samples {
  const table = (type: string) => child(bytes, trak, 'mdia', 'minf', 'stbl', type);
  const need = (type: string) => {
    const box = table(type);
    if (box === null) throw new RangeError(`no ${type}`);
    return box;
  };
  const [shifts, keyFrames] = [table('ctts'), table('stss')];
  return {
    track,
    samples: readPlaces(bytes, need('stsz'), need('stsc'), table('stco'), table('co64')),
    durations: readRuns(bytes, need('stts')),
    shifts: shifts === null ? null : readRuns(bytes, shifts),
    keyFrames:
      keyFrames === null
        ? null
        : Array.from(
            { length: bytes.readUInt32BE(keyFrames.start + 4) },
            (_, at) => bytes.readUInt32BE(keyFrames.start + 8 + at * 4) - 1,
          ),
    entry: readEntry(bytes, need('stsd'), track.kind),
  };
}

/** Joins the sizes (stsz), the chunks' places (stco, co64) and the samples per chunk (stsc). */
function readPlaces(
  bytes: Buffer,
  sizes: Box,
  perChunk: Box,
  near: Box | null,
  far: Box | null,
): Mp4Sample[] {
  const places = near ?? far;
  if (places === null) throw new RangeError('no chunk offsets');
  const equalSize = bytes.readUInt32BE(sizes.start + 4);
  const count = bytes.readUInt32BE(sizes.start + 8);
  const samples: Mp4Sample[] = [];
  const chunks = bytes.readUInt32BE(places.start + 4);
  const runs = bytes.readUInt32BE(perChunk.start + 4);
  let run = 0;
  for (let chunk = 1; chunk <= chunks && samples.length < count; chunk++) {
    const nextRun = perChunk.start + 8 + (run + 1) * 12;
    if (run + 1 < runs && bytes.readUInt32BE(nextRun) === chunk) run += 1;
    const inChunk = bytes.readUInt32BE(perChunk.start + 8 + run * 12 + 4);
    let offset =
      near === null
        ? Number(bytes.readBigUInt64BE(places.start + 8 + (chunk - 1) * 8))
        : bytes.readUInt32BE(places.start + 8 + (chunk - 1) * 4);
    for (let step = 0; step < inChunk && samples.length < count; step++) {
      const size = equalSize || bytes.readUInt32BE(sizes.start + 12 + samples.length * 4);
      samples.push({ offset, bytes: size });
      offset += size;
    }
  }
  return samples;
}

/** stts and ctts: runs of equal numbers. Shifts may be negative in version 1; ours never are. */
function readRuns(bytes: Buffer, box: Box): Mp4Run[] {
  return Array.from({ length: bytes.readUInt32BE(box.start + 4) }, (_, entry) => ({
    count: bytes.readUInt32BE(box.start + 8 + entry * 8),
    units: bytes.readInt32BE(box.start + 12 + entry * 8),
  }));
}

function readEntry(bytes: Buffer, stsd: Box, kind: Mp4Track['kind']): Buffer {
  const entry = boxes(bytes, stsd.start + 8, stsd.end)[0];
  if (entry === undefined) throw new RangeError('no sample entry');
  // Fixed fields before the inner boxes: 78 bytes of a visual entry, 28 of a sound entry.
  const innerStart = entry.start + (kind === 'video' ? 78 : 28);
  const kept = boxes(bytes, innerStart, entry.end).filter((box) => box.type !== 'btrt');
  const made = Buffer.concat([
    bytes.subarray(entry.start - 8, innerStart),
    ...kept.map((box) => bytes.subarray(box.start - 8, box.end)),
  ]);
  made.writeUInt32BE(made.length, 0);
  return made;
}
