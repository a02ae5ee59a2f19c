import type { ProviderKind } from '../../contract/provider.schema';
import type { DoubleOutput } from '../../test/doubles/http/output';
import type { FreeSubject } from './free.conformance';

/** What goes wrong with a job at a vendor, whichever it is. */
export type Course = {
  create?:
    | 401
    | 402
    | 413
    | 500
    | 'input-invalid'
    | 'throttled'
    | 'throttled-silently'
    | 'reset-before'
    | 'reset-after'
    | 'bad-gateway-after'
    | 'stall';
  polls?: (401 | 404 | 429 | 500 | 'reset')[];
  end?: 'success' | 'failure' | 'never' | 'strange-then-success' | 'not-started';
  output: DoubleOutput;
  dataRemoved?: boolean;
};

/** A vendor's double, and what may be asked of it. */
export type Vendor = {
  secret: string;
  /** The settings that lead to it. */
  environment: Record<string, string>;
  /** What was created, and whether it would have been charged. */
  ledger: readonly { id: string; charged: boolean }[];
  awaitCreate(nth?: number): Promise<{ id: string }>;
  course(course: Course): void;
  /** What the next create call meets, whatever it repeats. */
  refuseNextCreate(status: 401 | 402): void;
  change(id: string, course: Course): void;
  /** Whether it was told to stop the job. */
  isCanceled(id: string): boolean;
  /** Paths that were sent the secret although they are not the API's. */
  leaks: readonly string[];
  close(): Promise<void>;
};

/** In what vendors differ, and so what is left of a fault. */
export type VendorTraits = {
  /** A create may be repeated under its key, so a lost answer is asked for again. */
  repeatsByKey: boolean;
  /** It has a call that stops a job, and says what was charged then. */
  cancels: boolean;
  /** Each look gives a new URL of the output. */
  freshOutputUrls: boolean;
  /** How a job ends that it never began. */
  notStarted: { code: string; state: 'canceled' | 'failed' };
};

/**
 * What `<vendor>/test/conformance.ts` exports as `conformance`, for the suites of each kind: of paid ones the
 * models to be tried, of free ones the whole subject.
 */
export type ProviderConformance =
  | {
      paid: true;
      start(): Promise<Vendor>;
      traits: VendorTraits;
      models: { [Kind in ProviderKind]?: readonly string[] };
    }
  | { paid: false; subjects: { [Kind in ProviderKind]?: FreeSubject } };
