import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';
import { readProcessConfig } from '../../api/config';
import type { Extras } from '../../api/services';
import { startTestStudio, type TestStudio } from '../../api/test/studio.harness';
import { chromiumArguments, findChromium } from '../../scripts/lib/chromium.finder';
import { accessibilityProblems, sideways } from './accessibility.harness';

/** A studio of its own with its page in real Chromium. */
export type StudioPage = {
  studio: TestStudio;
  browser: Browser;
  context: BrowserContext;
  page: Page;
  /** Errors that the page did not catch: none are expected. */
  problems: string[];
  /** Goes to a place within the page. */
  open(path: string): Promise<void>;
  /** Another tab of the same person. */
  tab(path: string): Promise<Page>;
  stop(): Promise<void>;
};

export async function startStudioPage(
  settings: Record<string, string> = {},
  extras: Extras = {},
): Promise<StudioPage> {
  const studio = await startTestStudio(settings, extras);
  const browser = await chromium.launch({
    executablePath: findChromium(readProcessConfig().CHROMIUM_BIN),
    args: [...chromiumArguments, '--autoplay-policy=no-user-gesture-required'],
  });
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'en-US',
    baseURL: studio.studio.url ?? '',
  });
  const problems: string[] = [];
  context.on('page', (opened) => opened.on('pageerror', (error) => problems.push(error.message)));
  const page = await context.newPage();
  return {
    studio,
    browser,
    context,
    page,
    problems,
    async open(path) {
      await page.goto(path);
    },
    async tab(path) {
      const opened = await context.newPage();
      await opened.goto(path);
      return opened;
    },
    async stop() {
      await browser.close();
      await studio.stop();
    },
  };
}

/**
 * What is wrong with the page as it is, in light and dark, at 1440 and at 390 pixels: axe's findings,
 * and content that runs out to the side. Leaves it light and wide.
 */
export async function problemsInEveryLook(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const width of [390, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const problem of await accessibilityProblems(page))
        found.push(`${width} ${colorScheme}: ${problem}`);
    }
    const tooWide = await sideways(page);
    if (tooWide > 0) found.push(`${width}: ${tooWide} pixels too wide`);
  }
  return found;
}
