import type { EditSession } from '#lib/edit/edit-session.svelte.ts';
import { i18n } from '#lib/text/i18n.svelte.ts';
import type { FileTarget } from '#lib/uploads/plan-files.rules.ts';

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
