import type { FileTarget } from './plan-files.rules.ts';

/** A scene that something is held over, by its card or its block on the timeline. */
export type DropPlace = {
  target: FileTarget;
  /** Of what is marked, in the window; null: the page as a whole. */
  box: { left: number; top: number; width: number; height: number } | null;
};

const WHOLE: DropPlace = { target: { at: 'project' }, box: null };
/** How much of a scene's side means the place beside it: a third of small ones, never more than this. */
const EDGE_PX = 14;
const LINE_PX = 4;

/**
 * Where something would go that is let go at (x, y): on a scene, between two, among the media, or into the project.
 * @param number the number of a scene that there is now
 */
export function dropPlace(
  under: Element | null,
  x: number,
  y: number,
  numberOf: (sceneId: string) => number | null,
): DropPlace {
  const panel = under?.closest<HTMLElement>('[data-media-panel]');
  if (panel !== null && panel !== undefined) {
    const { left, top, width, height } = panel.getBoundingClientRect();
    return { target: { at: 'media' }, box: { left, top, width, height } };
  }
  const place = under?.closest<HTMLElement>('[data-scene-card], [data-scene-block]');
  if (place === null || place === undefined) return WHOLE;
  const { sceneCard, sceneBlock } = place.dataset;
  const sceneId = sceneCard ?? sceneBlock ?? '';
  const sequence = numberOf(sceneId);
  if (sequence === null) return WHOLE;
  const { left, top, width, height } = place.getBoundingClientRect();
  const isCard = sceneCard !== undefined;
  const [at, size] = isCard ? [y - top, height] : [x - left, width];
  const edge = Math.min(EDGE_PX, size / 3);
  const line = (start: number) =>
    isCard
      ? { left, top: start - LINE_PX / 2, width, height: LINE_PX }
      : { left: start - LINE_PX / 2, top, width: LINE_PX, height };
  if (at < edge) return { target: { at: 'before', sequence }, box: line(isCard ? top : left) };
  if (at > size - edge) {
    return {
      target: { at: 'before', sequence: sequence + 1 },
      box: line(isCard ? top + height : left + width),
    };
  }
  return { target: { at: 'scene', sceneId }, box: { left, top, width, height } };
}
