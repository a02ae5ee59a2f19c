import { AppError } from '../shared/errors';
import { readWav, wavHeader } from './wav';

export type Slice = {
  path: string;
  /** Samples [startSample, endSample) of the song that the file holds. */
  startSample: number;
  endSample: number;
  samples: number;
  sampleRate: number;
  channels: number;
};

/**
 * Cuts samples [startSample, endSample) out of a song's WAV master by copying bytes: exact, and
 * without a process. What lies beyond the song's end is left off. Throws SliceOutsideSong (422)
 * when nothing of the slice is in the song, InvalidSlice (400) when it is no slice.
 */
export async function cutSlice(request: {
  masterPath: string;
  startSample: number;
  endSample: number;
  outputPath: string;
}): Promise<Slice> {
  const { startSample } = request;
  if (!Number.isSafeInteger(startSample) || !Number.isSafeInteger(request.endSample) || startSample < 0) {
    throw invalidSlice('it must begin and end at whole samples, at 0 or later');
  }
  if (request.endSample <= startSample) throw invalidSlice('it must end after it begins');
  const master = await readWav(request.masterPath);
  if (startSample >= master.samples) {
    const seconds = (samples: number) => (samples / master.sampleRate).toFixed(3);
    throw new AppError({
      code: 'SliceOutsideSong',
      message: `The song ends at ${seconds(master.samples)} s, before this part of it begins (${seconds(startSample)} s). Use a longer song, or fewer or shorter scenes before.`,
      details: { startSample, songSamples: master.samples },
    });
  }
  const endSample = Math.min(request.endSample, master.samples);
  const samples = endSample - startSample;
  const bytesPerSample = (master.bitsPerSample / 8) * master.channels;
  const from = master.dataOffset + startSample * bytesPerSample;
  const body = Bun.file(request.masterPath).slice(from, from + samples * bytesPerSample);
  const writer = Bun.file(request.outputPath).writer();
  try {
    writer.write(wavHeader({ ...master, samples }));
    for await (const chunk of body.stream()) {
      writer.write(chunk);
      // Writing is buffered; flushing as it goes keeps a long slice out of memory.
      await writer.flush();
    }
  } finally {
    await writer.end();
  }
  const { sampleRate, channels } = master;
  return { path: request.outputPath, startSample, endSample, samples, sampleRate, channels };
}

function invalidSlice(reason: string): AppError {
  return new AppError({
    code: 'InvalidSlice',
    message: `This is no part of the song: ${reason}.`,
  });
}
