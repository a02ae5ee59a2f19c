import { defaultMemoryBytes, limitedCommand } from '../../../../shared/limited-command';

/** Starts ffmpeg with arguments that write to its standard output; it ends with the signal. */
export function startDecoder(ffmpegPath: string, args: readonly string[], signal: AbortSignal) {
  signal.throwIfAborted();
  const decoder = Bun.spawn(limitedCommand([ffmpegPath, ...args], { memoryBytes: defaultMemoryBytes }), {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    signal,
    killSignal: 'SIGKILL',
  });
  const complaint = new Response(decoder.stderr).text();
  return {
    decoder,
    /** The end of what ffmpeg says, once it has ended. */
    lastWords: async (): Promise<string> => (await complaint).trim().slice(-500),
  };
}
