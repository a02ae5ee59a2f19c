import { tick } from 'svelte';
import type { Scene } from '#contract/scene.schema';

/** The picture on a scene's card, which chooses it. */
const CHOOSER = '[data-scene-choose]';

/**
 * Brings a scene's card into view within its list. When the focus is on a card or block, it goes along to
 * the scene's own, so that keys go on from there.
 */
export async function revealScene(scene: Pick<Scene, 'id'>): Promise<void> {
  await tick();
  const card = document.querySelector(`[data-scene-card="${scene.id}"]`);
  // On small screens the list is part of the page: that must not jump away from the preview.
  if (card?.closest('[data-scene-list-scroller]')) card.scrollIntoView({ block: 'nearest' });
  const focused = document.activeElement;
  if (focused?.matches(CHOOSER)) {
    focusOn(card?.querySelector(CHOOSER) ?? null);
  } else if (focused?.matches('[data-scene-block]')) {
    focusOn(document.querySelector(`[data-scene-block="${scene.id}"]`));
  }
}

/** Gives the focus to a scene's card when a dialog that closes now has let go of it. */
export function focusSceneSoon(scene: Pick<Scene, 'id'>): void {
  const isLost = () => document.activeElement === null || document.activeElement === document.body;
  requestAnimationFrame(() => {
    if (isLost()) focusOn(document.querySelector(`[data-scene-card="${scene.id}"] ${CHOOSER}`));
  });
}

function focusOn(element: Element | null): void {
  if (element instanceof HTMLElement) element.focus({ preventScroll: true });
}
