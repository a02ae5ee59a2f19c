/** What the next create calls meet, in turn. `struck`: how many of them met one so far. */
export function createFaultQueue<Fault>() {
  const faults: Fault[] = [];
  let struck = 0;
  return {
    add: (...more: Fault[]) => void faults.push(...more),
    take(): Fault | undefined {
      const fault = faults.shift();
      if (fault !== undefined) struck += 1;
      return fault;
    },
    clear: () => void faults.splice(0),
    waiting: () => faults.length,
    struck: () => struck,
  };
}
