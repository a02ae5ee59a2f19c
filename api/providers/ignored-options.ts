/** Options that were asked for and that a provider has no means to honour. */
export const ignoredOptions = (asked: readonly string[], honoured: readonly string[]): string[] =>
  asked.filter((name) => !honoured.includes(name));
