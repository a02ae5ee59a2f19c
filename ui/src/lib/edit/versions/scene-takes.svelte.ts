import type { Take } from '#contract/take.schema';
import { type ApiError, asApiError } from '#lib/api/errors.ts';
import type { EditApi } from '#lib/edit/edit-api.ts';
import { withPictures } from './take-thumbnails.ts';

/** A scene's versions, newest first, with their pictures as these come. */
export class SceneTakes {
  all = $state.raw<Take[] | null>(null);
  error = $state.raw<ApiError | null>(null);
  #latest = 0;

  /** Reads them; a later call overtakes an earlier one. */
  async read(edit: EditApi, projectId: string, sequence: number): Promise<void> {
    const mine = ++this.#latest;
    try {
      const { takes } = await edit.takes(sequence);
      if (mine !== this.#latest) return;
      this.all = takes;
      this.error = null;
      for (const take of takes) {
        const pictured = await withPictures(projectId, take);
        if (mine !== this.#latest) return;
        if (pictured !== take)
          this.all = (this.all ?? []).map((old) => (old.id === take.id ? pictured : old));
      }
    } catch (thrown) {
      if (mine === this.#latest) this.error = asApiError(thrown);
    }
  }
}
