import type { FormatAdvice, RateEffect } from '#contract/format.advice';
import type { Format } from '#contract/format.schema';
import { i18n } from '#lib/text/i18n.svelte.ts';

/** 29.97 as it is written, 30 without decimals. */
const rate = (fps: number) => String(Math.round(fps * 100) / 100);

/** A format as people say it: `30 fps, 1080 × 1920`. */
export const formatWords = ({ width, height, fps }: Pick<Format, 'width' | 'height'> & { fps: number }) =>
  `${rate(fps)} fps, ${width} × ${height}`;

function effectWords({ kind, perSecond, oneIn }: RateEffect): string {
  const t = i18n.t.bring.rate;
  if (kind === 'dropped') return oneIn === null ? t.dropped(rate(perSecond)) : t.droppedOneIn(oneIn);
  return oneIn === null ? t.repeated(rate(perSecond)) : t.repeatedOneIn(oneIn);
}

/** What a project's format does to a clip, in words. */
export function adviceWords(advice: FormatAdvice, project: Format): string {
  const t = i18n.t.bring;
  const parts = [t.mismatch(formatWords(advice.clip), formatWords(project))];
  if (advice.rate !== null) parts.push(effectWords(advice.rate));
  if (advice.isOtherShape) parts.push(t.otherShape);
  return parts.join(' ');
}
