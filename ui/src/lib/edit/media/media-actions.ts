import type { Media } from '#contract/media.schema';
import { toast } from '#lib/components/toast.ts';
import type { EditSession } from '#lib/edit/edit-session.svelte.ts';
import { i18n } from '#lib/text/i18n.svelte.ts';
import type { FileTarget } from '#lib/uploads/plan-files.rules.ts';

/** Deletes media that no scene shows; the words offer to take it back. */
export async function deleteMedia(session: EditSession, media: Media): Promise<void> {
  const words = i18n.t.media;
  const isDone = await session.attempt(() => session.api.deleteMedia(media.id));
  await session.store.refresh();
  if (!isDone) return;
  const restore = () =>
    void session.attempt(async () => session.store.show(await session.api.restore(media.id)));
  toast.good(words.deleted(media.name ?? words.generated[media.kind]), {
    action: { label: i18n.t.editor.undo, onClick: restore },
  });
}

/** Uses media of the project where it was dropped: in a scene, or in a new one between two or at the end. */
export async function dropMedia(session: EditSession, mediaId: string, target: FileTarget): Promise<void> {
  await session.attempt(async () => {
    const sceneId =
      target.at === 'scene'
        ? target.sceneId
        : (
            await session.api.addScene(
              target.at === 'before' ? { plannedDuration: null, sequence: target.sequence } : {},
            )
          ).id;
    await useMedia(session, mediaId, [sceneId]);
  });
}

/** Uses media in scenes. @throws ApiError what the API refused */
export async function useMedia(session: EditSession, mediaId: string, sceneIds: string[]): Promise<void> {
  session.store.show(await session.api.useMedia(mediaId, { sceneIds }));
  session.announcement = i18n.t.media.used(sceneIds.length);
}

/** Puts other media in its place everywhere. @throws ApiError what the API refused */
export async function replaceMedia(session: EditSession, mediaId: string, otherId: string): Promise<void> {
  session.store.show(await session.api.replaceMedia(mediaId, { with: otherId }));
  session.announcement = i18n.t.media.replaced;
}
