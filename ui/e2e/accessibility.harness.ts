import { join } from 'node:path';
import type { Page } from 'playwright';

const axe = Bun.file(join(import.meta.dir, '../../node_modules/axe-core/axe.min.js'));

/**
 * What axe finds on a page, in words: `rule: where`. Given to the page past its content policy. `within`
 * is a selector: only what is in it is looked at.
 */
export async function accessibilityProblems(page: Page, within?: string): Promise<string[]> {
  await page.evaluate(await axe.text());
  // Half-way from one colour to the other, a text has the contrast of neither.
  await page.evaluate(`Promise.allSettled(
    document.getAnimations()
      .filter((animation) => animation.effect?.getComputedTiming().endTime !== Infinity)
      .map((animation) => animation.finished),
  ).then(() => undefined)`);
  return page.evaluate<
    string[]
  >(`axe.run(${within === undefined ? 'document' : JSON.stringify(within)}).then(({ violations }) =>
    violations.map((v) => v.id + ': ' + v.nodes.map((node) => node.target.join(' ')).join(', ')))`);
}

/** Pixels by which a page can be scrolled sideways; 0 is right. */
export const sideways = (page: Page) =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
