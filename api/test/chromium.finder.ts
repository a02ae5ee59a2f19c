import { existsSync } from 'node:fs';
import { chromium } from 'playwright';
import { AppError } from '../shared/errors';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** What headless Chromium is started with: no calls home, and no sandbox, which root can't have. */
export const chromiumArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/**
 * Finds Chromium for the browser tests: the setting, Playwright's own, the PATH, and on Debian as root
 * its package.
 * @throws AppError `ChromiumNotFound`
 */
export function findChromium(setting: string | undefined): string {
  if (setting !== undefined) return setting;
  const own = chromium.executablePath();
  if (own !== '' && existsSync(own)) return own;
  const onPath = () => names.map((name) => Bun.which(name)).find((path) => path !== null);
  const found = onPath();
  if (found !== undefined) return found;
  if (existsSync('/etc/debian_version') && process.getuid?.() === 0) {
    console.error('Installing chromium …');
    for (const command of [
      ['apt-get', 'update', '-qq'],
      ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '-y', '-qq', 'chromium'],
    ]) {
      Bun.spawnSync(command, { stdin: 'ignore', stdout: 'ignore', stderr: 'inherit' });
    }
    const installed = onPath();
    if (installed !== undefined) return installed;
  }
  throw new AppError({
    code: 'ChromiumNotFound',
    message:
      'The browser tests need Chromium. Install it (Debian: apt-get install chromium; elsewhere: bunx playwright install chromium) or set CHROMIUM_BIN.',
  });
}
