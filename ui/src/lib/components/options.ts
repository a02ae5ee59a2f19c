/** One of what a person chooses from. */
export type Option<Value extends string> = { value: Value; label: string; note?: string };

/** The option that has this value; a component of the library tells it as plain text. */
export const optionOf = <Value extends string>(options: readonly Option<Value>[], value: string) =>
  options.find((option) => option.value === value);
