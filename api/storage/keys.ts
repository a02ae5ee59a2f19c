import type { NewId } from '../shared/ids';

/** What the studio writes in a bucket lies under these prefixes; anything else is never touched. */
export const ourPrefixes = ['projects/', 'videos/', 'checks/'] as const;

/** The object of a round trip made by the doctor. */
export function checkKey(newId: NewId): string {
  return `checks/${newId()}.txt`;
}
