import { parentPort } from 'node:worker_threads';
import * as v from 'valibot';
import { type ListenedSong, lineUp, listenToSong } from './line-up.dsp';

/** Compares sounds in a thread of its own: seconds of arithmetic would keep everybody else waiting. */
const RequestSchema = v.object({ kind: v.picklist(['song', 'clip']), path: v.string() });

async function samplesOf(path: string): Promise<Float32Array> {
  const pcm = new Int16Array(await Bun.file(path).arrayBuffer());
  return Float32Array.from(pcm, (value) => value / 32_768);
}

let song: ListenedSong | null = null;

parentPort?.on('message', async (message: unknown) => {
  const { kind, path } = v.parse(RequestSchema, message);
  const samples = await samplesOf(path);
  if (kind === 'song') song = listenToSong(samples);
  parentPort?.postMessage(kind === 'clip' && song !== null ? lineUp(song, samples) : null);
});
