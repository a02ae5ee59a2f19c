import type { Media } from '#contract/media.schema';
import { type ApiError, asApiError } from '#lib/api/errors.ts';
import type { EditApi } from '#lib/edit/edit-api.ts';

/** The project's media as the bin shows them: read when it is opened, and whenever the project changed. */
export class MediaBin {
  media = $state.raw<readonly Media[] | null>(null);
  error = $state.raw<ApiError | null>(null);
  readonly #api: Pick<EditApi, 'media'>;
  #reading = 0;

  constructor(api: Pick<EditApi, 'media'>) {
    this.#api = api;
  }

  async read(): Promise<void> {
    const mine = ++this.#reading;
    try {
      const { media } = await this.#api.media();
      // An answer that comes late must not take the place of a newer one.
      if (mine !== this.#reading) return;
      this.media = media;
      this.error = null;
    } catch (thrown) {
      if (mine === this.#reading) this.error = asApiError(thrown);
    }
  }
}
