/** Makes a new unique id: a UUID of version 7, so that ids sort by the time they were made. */
export type NewId = () => string;

export const newId: NewId = () => Bun.randomUUIDv7();
