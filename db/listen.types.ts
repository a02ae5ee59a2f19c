/**
 * Listens on a channel of PostgreSQL's NOTIFY. `onMessage` gets each payload. `onConnected` runs each
 * time listening starts or starts again after a lost connection: messages may have been missed
 * before it, so whoever needs them all reads the tables then. Resolves once listening.
 */
export type Listen = (
  channel: string,
  onMessage: (payload: string) => void,
  onConnected: () => void,
) => Promise<{ close(): Promise<void> }>;
