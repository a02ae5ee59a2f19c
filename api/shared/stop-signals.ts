/** Ctrl+C may come twice at once, from the terminal and from `bun run`: within this it is one signal. */
const SAME_SIGNAL_MS = 1000;

export type StopSignals = {
  /** Called at the first signal. */
  onStop(name: NodeJS.Signals): void;
  /** Called at each later one, for whoever asks again since stopping takes long. */
  onAgain?(): void;
  names?: readonly NodeJS.Signals[];
  /** Where signals come from and the time in milliseconds; others in tests. */
  source?: { on(name: string, listener: () => void): unknown };
  now?(): number;
};

/** Listens to the signals that ask a process to stop. They don't end it by themselves any more. */
export function listenToStopSignals(options: StopSignals): void {
  const { onStop, onAgain, names = ['SIGINT', 'SIGTERM'], source = process } = options;
  const now = options.now ?? (() => performance.now());
  let first: number | null = null;
  for (const name of names) {
    source.on(name, () => {
      if (first === null) {
        first = now();
        onStop(name);
      } else if (now() - first >= SAME_SIGNAL_MS) {
        onAgain?.();
      }
    });
  }
}
