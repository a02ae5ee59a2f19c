import { type ApiError, asApiError } from '#lib/api/errors.ts';

/** Something that is sent: whether it is under way, and what went wrong. One thing at a time. */
export class Submission {
  /** Name of what is under way, for those who send one of several things; null: nothing is. */
  busy = $state<string | null>(null);
  error = $state.raw<ApiError | null>(null);

  /** Does the work. True when it is done; false when it failed, `error` says how, or when something else is under way. */
  async run(work: () => Promise<unknown>, name = 'it'): Promise<boolean> {
    if (this.busy !== null) return false;
    this.busy = name;
    this.error = null;
    try {
      await work();
      return true;
    } catch (thrown) {
      this.error = asApiError(thrown);
      return false;
    } finally {
      this.busy = null;
    }
  }
}
