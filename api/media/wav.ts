import { AppError } from '../shared/errors';

/** Where the samples of a PCM WAV file are. */
export type WavInfo = {
  channels: number;
  sampleRate: number;
  bitsPerSample: number;
  /** Byte at which the samples begin. */
  dataOffset: number;
  /** Samples per channel. */
  samples: number;
};

/** Reads the header of a PCM WAV file. Throws NotWav when it is something else. */
export async function readWav(path: string): Promise<WavInfo> {
  const file = Bun.file(path);
  // The samples of our masters begin at byte 44; others carry tags before them.
  const bytes = Buffer.from(await file.slice(0, 1_000_000).arrayBuffer());
  const type = (at: number) => bytes.toString('latin1', at, at + 4);
  if (bytes.length < 44 || type(0) !== 'RIFF' || type(8) !== 'WAVE') throw notWav();
  let format: { channels: number; sampleRate: number; bitsPerSample: number } | null = null;
  let at = 12;
  while (at + 8 <= bytes.length) {
    const length = bytes.readUInt32LE(at + 4);
    if (type(at) === 'fmt ' && length >= 16 && at + 24 <= bytes.length) {
      const tag = bytes.readUInt16LE(at + 8);
      // 1 is PCM; 0xFFFE keeps the true tag 24 bytes in.
      const isPcm = tag === 1 || (tag === 0xfffe && bytes.readUInt16LE(at + 32) === 1);
      if (!isPcm) throw notWav();
      format = {
        channels: bytes.readUInt16LE(at + 10),
        sampleRate: bytes.readUInt32LE(at + 12),
        bitsPerSample: bytes.readUInt16LE(at + 22),
      };
    }
    if (type(at) === 'data') {
      if (format === null || format.channels === 0) throw notWav();
      const dataOffset = at + 8;
      // A file that was cut short says more than it holds.
      const dataBytes = Math.min(length, file.size - dataOffset);
      const samples = Math.floor(dataBytes / ((format.bitsPerSample / 8) * format.channels));
      return { ...format, dataOffset, samples };
    }
    at += 8 + length + (length % 2);
  }
  throw notWav();
}

/** The 44 bytes before the samples of a PCM WAV file. */
export function wavHeader(
  info: Pick<WavInfo, 'channels' | 'sampleRate' | 'bitsPerSample' | 'samples'>,
): Uint8Array {
  const header = Buffer.alloc(44);
  const bytesPerSample = (info.bitsPerSample / 8) * info.channels;
  const dataBytes = info.samples * bytesPerSample;
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + dataBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(info.channels, 22);
  header.writeUInt32LE(info.sampleRate, 24);
  header.writeUInt32LE(info.sampleRate * bytesPerSample, 28);
  header.writeUInt16LE(bytesPerSample, 32);
  header.writeUInt16LE(info.bitsPerSample, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataBytes, 40);
  return header;
}

function notWav(): AppError {
  return new AppError({
    code: 'NotWav',
    message: "The song's master is not a PCM WAV file. Upload the song again.",
  });
}
