/** A list of accepted creates that can be waited for. */
export type Ledger<T> = {
  entries: T[];
  add(entry: T): void;
  /** Resolves with the n-th entry (from 1), also when it is there already. */
  awaitEntry(nth?: number): Promise<T>;
};

export function createLedger<T>(): Ledger<T> {
  const entries: T[] = [];
  const waiting = new Set<() => void>();
  return {
    entries,
    add(entry) {
      entries.push(entry);
      for (const wake of waiting) wake();
      waiting.clear();
    },
    async awaitEntry(nth = 1) {
      for (;;) {
        const entry = entries[nth - 1];
        if (entry !== undefined) return entry;
        await new Promise<void>((resolve) => waiting.add(resolve));
      }
    },
  };
}
