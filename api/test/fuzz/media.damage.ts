import type { Random } from '../../shared/random';

export const containers = ['mp4', 'webm', 'wav', 'mp3', 'png', 'jpeg'] as const;
export type Container = (typeof containers)[number];
export type Sample = { container: Container; bytes: Uint8Array };

const damages = [
  'truncate',
  'flip',
  'flip-header',
  'extreme-field',
  'move',
  'splice',
  'boxes',
  'zero',
  'append',
] as const;
export type Damage = (typeof damages)[number];

/** Most files are damaged where parsers read: a flipped pixel is no test of anything but patience. */
const likely: [Damage, ...Damage[]] = [
  'truncate',
  'truncate',
  'truncate',
  'flip-header',
  'flip-header',
  'flip-header',
  'extreme-field',
  'extreme-field',
  'boxes',
  'boxes',
  'splice',
  'move',
  'flip',
  'zero',
  'append',
];

/** Numbers that parsers forget: none, one, signs, and the largest of each width. */
const extremes = [0, 1, 7, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

/** A damaged copy of a sample and what was done to it; the same random numbers give the same damage. */
export function damage(
  random: Random,
  sample: Sample,
  others: readonly Sample[],
): { bytes: Uint8Array; done: Damage[] } {
  let bytes = sample.bytes;
  const done: Damage[] = [];
  const times = random.chance(0.7) ? 1 : Math.ceil(random.between(1, 4));
  for (let time = 0; time < times; time++) {
    const kind = random.pick(likely);
    done.push(kind);
    bytes = apply(kind, random, bytes, others);
  }
  return { bytes, done };
}

function apply(kind: Damage, random: Random, from: Uint8Array, others: readonly Sample[]): Uint8Array {
  const at = (limit: number) => Math.floor(random.between(0, limit));
  const bytes = Uint8Array.from(from);
  switch (kind) {
    case 'truncate':
      return bytes.subarray(0, random.chance(0.3) ? at(64) : at(bytes.length));
    case 'flip':
    case 'flip-header': {
      const limit = kind === 'flip' ? bytes.length : Math.min(bytes.length, 400);
      const flips = Math.ceil(random.between(0, 24));
      for (let flip = 0; flip < flips; flip++) {
        const place = at(limit);
        bytes[place] = (bytes[place] ?? 0) ^ (1 << at(8));
      }
      return bytes;
    }
    case 'extreme-field': {
      const width = random.pick([1, 2, 4]);
      const place = random.chance(0.6) ? at(Math.min(bytes.length, 600)) : at(bytes.length);
      const value = extremes[at(extremes.length)] ?? 0;
      for (let step = 0; step < width; step++) {
        if (place + step < bytes.length) bytes[place + step] = (value >>> (8 * (width - 1 - step))) & 0xff;
      }
      return bytes;
    }
    case 'move': {
      const start = at(bytes.length);
      const piece = bytes.slice(start, start + at(2000));
      const rest = joined(bytes.subarray(0, start), bytes.subarray(start + piece.length));
      const to = at(rest.length);
      return joined(rest.subarray(0, to), piece, rest.subarray(to));
    }
    case 'splice': {
      const other = others[at(others.length)]?.bytes ?? bytes;
      return joined(bytes.subarray(0, at(bytes.length)), other.subarray(at(other.length)));
    }
    case 'boxes':
      return shuffleBoxes(random, bytes);
    case 'zero': {
      const start = at(bytes.length);
      return bytes.fill(random.chance(0.5) ? 0 : 0xff, start, start + at(500));
    }
    case 'append':
      return joined(bytes, others[at(others.length)]?.bytes ?? bytes);
  }
}

const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

/** Takes out, repeats, swaps or renames MP4 boxes, or gives one another size; within `moov` as well. */
function shuffleBoxes(random: Random, bytes: Uint8Array): Uint8Array {
  const boxes = readBoxes(bytes);
  if (boxes.length < 2) return bytes;
  const pick = () => boxes[Math.floor(random.next() * boxes.length)] ?? { start: 0, end: 0 };
  const [one, two] = [pick(), pick()];
  const piece = bytes.slice(one.start, one.end);
  const without = joined(bytes.subarray(0, one.start), bytes.subarray(one.end));
  switch (random.pick(['remove', 'repeat', 'swap', 'rename', 'resize'])) {
    case 'remove':
      return without;
    case 'repeat':
      return joined(bytes.subarray(0, two.start), piece, bytes.subarray(two.start));
    case 'swap':
      return joined(
        without.subarray(0, Math.min(two.start, without.length)),
        piece,
        without.subarray(two.start),
      );
    case 'rename':
      bytes.set(
        new TextEncoder().encode(random.pick(['moov', 'mdat', 'trak', 'free', 'stsz', 'ftyp'])),
        one.start + 4,
      );
      return bytes;
    default:
      new DataView(bytes.buffer).setUint32(one.start, Math.floor(random.between(0, 2 ** 32)));
      return bytes;
  }
}

const parents = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl', 'edts', 'udta']);

function readBoxes(bytes: Uint8Array, from = 0, to = bytes.length): { start: number; end: number }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const found: { start: number; end: number }[] = [];
  for (let start = from; start + 8 <= to; ) {
    const end = start + view.getUint32(start);
    if (end < start + 8 || end > to) break;
    found.push({ start, end });
    const type = Buffer.from(bytes.subarray(start + 4, start + 8)).toString('latin1');
    if (parents.has(type)) found.push(...readBoxes(bytes, start + 8, end));
    start = end;
  }
  return found;
}
