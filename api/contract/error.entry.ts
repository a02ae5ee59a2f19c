import type * as v from 'valibot';
import type { Charged } from './provider.schema';

/** What follows from an error's code alone. */
export type ErrorEntry = {
  /** What HTTP answers. Several, or `any`: whoever makes the error says which. */
  status: number | readonly number[] | 'any';
  /** What the error tells programs besides its code; left out: nothing. */
  details?: v.GenericSchema;
  /** Whether the same call may succeed later without anything being changed by a person. Left out: never. */
  retryable?: true | 'sometimes';
  /** Errors of paid providers: whether money can be gone then. */
  charged?: readonly Charged[];
};
