import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright';
import { readProcessConfig } from '../../api/config';
import { chromiumArguments, findChromium } from '../../api/test/chromium.finder';
import { startTestStudio, type TestStudio } from '../../api/test/studio.harness';
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

/** Opens the page of a studio that is there, or of one that is started for it. `stop` ends both. */
export async function startStudioPage(
  started?: TestStudio,
  options: BrowserContextOptions = {},
): Promise<StudioPage> {
  const studio = started ?? (await startTestStudio());
  const browser = await chromium.launch({
    executablePath: findChromium(readProcessConfig().CHROMIUM_BIN),
    args: [...chromiumArguments, '--autoplay-policy=no-user-gesture-required'],
  });
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'en-US',
    baseURL: studio.studio.url ?? '',
    ...options,
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

/** Opens the menu of a scene and chooses from it. */
export async function choose(page: Page, sequence: number, item: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for scene ${sequence}`, exact: true }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

/** Gives a file to whatever asks for one when `ask` is done. */
export async function giveFile(page: Page, path: string, ask: () => Promise<void>): Promise<void> {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), ask()]);
  await chooser.setFiles(path);
}

/**
 * Waits until the scenes have these lengths: looked at whenever the page reads its project again, which
 * it does when somebody changed it.
 */
export async function framesBecome(at: StudioPage, projectId: string, frames: number[]): Promise<void> {
  for (;;) {
    const read = at.page.waitForResponse(
      (response) => response.url().endsWith(`/projects/${projectId}`) && response.status() === 200,
      { timeout: 90_000 },
    );
    // Whoever doesn't need it any more must not be told that it never came.
    read.catch(() => undefined);
    const { scenes } = await at.studio.api.project(projectId);
    if (JSON.stringify(scenes.map((scene) => scene.frames)) === JSON.stringify(frames)) return;
    await read;
  }
}

/**
 * What is wrong with the page as it is, in light and dark, at 1440 and at 390 pixels: axe's findings,
 * and content that runs out to the side. Leaves it light and wide. `within`: axe looks only there.
 */
export async function problemsInEveryLook(page: Page, within?: string): Promise<string[]> {
  const found: string[] = [];
  for (const width of [390, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      // The theme follows the system in an event of its own.
      await page.locator(`html[data-theme=${colorScheme}]`).waitFor({ state: 'attached' });
      for (const problem of await accessibilityProblems(page, within))
        found.push(`${width} ${colorScheme}: ${problem}`);
    }
    const tooWide = await sideways(page);
    if (tooWide > 0) found.push(`${width}: ${tooWide} pixels too wide`);
  }
  return found;
}
