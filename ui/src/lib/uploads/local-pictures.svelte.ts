import { SvelteMap } from 'svelte/reactivity';
import type { Scene } from '#contract/scene.schema';
import { localPicture } from './local-picture.ts';

type Picture = { url: string; name: string };

/**
 * Pictures of the files that are on their way into scenes, so that each is seen at once; until the studio has its
 * own. One is made at a time, in the order in which the files are sent: decoders are few.
 */
export class LocalPictures {
  readonly #pictures = new SvelteMap<string, Picture>();
  #making: Promise<void> = Promise.resolve();

  /** Has the picture of a file made that a scene will show. `isWanted`: asked when its turn comes. */
  make(sceneId: string, file: File, kind: 'clip' | 'image', isWanted: () => boolean): void {
    this.#making = this.#making.then(async () => {
      if (!isWanted()) return;
      const url = await localPicture(file, kind);
      if (url === null) return;
      if (!isWanted()) {
        URL.revokeObjectURL(url);
        return;
      }
      this.forget(sceneId);
      this.#pictures.set(sceneId, { url, name: file.name });
    });
  }

  /** What is to be shown of a scene for now; null: what the studio has of it. */
  of(scene: Scene, isComing: boolean): string | null {
    const picture = this.#pictures.get(scene.id);
    if (picture === undefined) return null;
    const take = scene.currentTake ?? scene.imageTake;
    // Its own picture is made a moment after the clip is there.
    const hasArrived = take?.sourceName === picture.name && take.posterUrl === null;
    return isComing || hasArrived ? picture.url : null;
  }

  forget(sceneId: string): void {
    const picture = this.#pictures.get(sceneId);
    if (picture === undefined) return;
    URL.revokeObjectURL(picture.url);
    this.#pictures.delete(sceneId);
  }
}
