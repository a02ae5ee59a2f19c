/** Tells step by step what is done and how long it took. */
export type StepReporter = {
  step<Result>(
    what: string,
    work: () => Promise<Result>,
    detail?: (result: Result) => string,
  ): Promise<Result>;
  /** Seconds since the beginning. */
  total(): string;
};

const seconds = (since: number) => ((performance.now() - since) / 1000).toFixed(1);

export function createStepReporter(): StepReporter {
  const begun = performance.now();
  return {
    async step(what, work, detail) {
      const started = performance.now();
      try {
        const result = await work();
        const more = detail === undefined ? '' : `: ${detail(result)}`;
        console.log(`  ✓ ${seconds(started).padStart(5)} s  ${what}${more}`);
        return result;
      } catch (error) {
        console.log(`  ✗ ${seconds(started).padStart(5)} s  ${what}`);
        throw error;
      }
    },
    total: () => seconds(begun),
  };
}
