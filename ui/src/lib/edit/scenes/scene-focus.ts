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

/** How long the focus may take to come back from a dialog, in milliseconds. */
const RETURN_MS = 1000;

/**
 * A dialog that closes gives the focus back to what opened it. When that is a scene's menu, its card gets it
 * instead: Space would open the menu again, where people mean to play.
 */
export function focusCardAfterDialog(): void {
  const controller = new AbortController();
  const onfocusin = ({ target }: FocusEvent) => {
    if (!(target instanceof Element) || target.closest('[role="dialog"], [role="alertdialog"]')) return;
    controller.abort();
    if (!target.matches('[aria-haspopup="menu"]')) return;
    focusOn(target.closest('[data-scene-card]')?.querySelector(CHOOSER) ?? null);
  };
  document.addEventListener('focusin', onfocusin, { signal: controller.signal });
  setTimeout(() => controller.abort(), RETURN_MS);
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
