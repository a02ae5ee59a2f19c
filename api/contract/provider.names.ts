// Written by `bun run generate` from api/providers/index.ts: the contract itself knows no vendor.

/** How each provider is called in texts. */
export const providerLabels = {
  local: 'This machine',
  replicate: 'Replicate',
  sync: 'sync.so',
} as const;

export const providerNames = ['local', 'replicate', 'sync'] as const;
