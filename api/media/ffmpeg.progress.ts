/** One report of a running ffmpeg. */
export type FfmpegProgress = {
  /** Frames written so far (0 for sound alone). */
  frames: number;
  /** Seconds written so far. */
  seconds: number;
  /** Bytes written so far. */
  bytes: number;
};

/**
 * Reads the `-progress` stream: lines `key=value`, a block ends with `progress=continue|end`.
 * Returns a function that takes text as it arrives and calls `report` once per block.
 */
export function createProgressReader(report: (progress: FfmpegProgress) => void): (text: string) => void {
  let rest = '';
  let current: FfmpegProgress = { frames: 0, seconds: 0, bytes: 0 };
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const at = line.indexOf('=');
      const key = line.slice(0, at);
      const value = Number(line.slice(at + 1).trim());
      if (key === 'progress') report(current);
      // Numbers are N/A until the first packet is written.
      else if (!Number.isFinite(value)) continue;
      else if (key === 'frame') current = { ...current, frames: value };
      else if (key === 'out_time_us') current = { ...current, seconds: Math.max(0, value / 1e6) };
      else if (key === 'total_size') current = { ...current, bytes: value };
    }
  };
}
