import type { JobStage } from '../contract/job.schema';
import type { Clock } from '../shared/clock';

export type Progress = { stage: JobStage; fraction: number };

/** At most four writes a second: as often as a progress bar can be seen to move. */
const MIN_INTERVAL_MS = 250;

/**
 * Turns any number of progress reports into few writes, one at a time: a new stage at once, else the
 * newest report at most every quarter of a second. `write` must not reject.
 */
export function createProgressWriter(options: {
  clock: Clock;
  write: (progress: Progress) => Promise<void>;
}) {
  let latest: Progress = { stage: 'starting', fraction: 0 };
  let written = latest;
  let lastWrite = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let writing: Promise<void> | null = null;
  let closed = false;

  function schedule(): void {
    if (closed || writing || latest === written) return;
    const now = options.clock.now().getTime();
    const wait = latest.stage === written.stage ? lastWrite + MIN_INTERVAL_MS - now : 0;
    if (wait > 0) {
      timer ??= setTimeout(() => {
        timer = null;
        schedule();
      }, wait);
      return;
    }
    written = latest;
    lastWrite = now;
    writing = options.write(latest).finally(() => {
      writing = null;
      schedule();
    });
  }

  return {
    report(stage: JobStage, fraction: number): void {
      if (closed || Number.isNaN(fraction)) return;
      const bounded = Math.min(1, Math.max(0, fraction));
      if (stage === latest.stage && bounded <= latest.fraction) return;
      latest = { stage, fraction: bounded };
      schedule();
    },

    /** Drops what is not written yet and waits for the write in progress. */
    async close(): Promise<void> {
      closed = true;
      if (timer) clearTimeout(timer);
      await writing;
    },
  };
}
