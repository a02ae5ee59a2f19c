import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { testTools } from '../api/media/testing/tools';
import { buildPage } from '../api/page/build-page';
import { writeDemoMaterial } from '../api/sample/material/material';
import { writeDemoSong } from '../api/sample/song/demo-song';
import {
  emptyViews,
  lookAt,
  startViewStudio,
  type View,
  type ViewStudio,
  views,
} from '../ui/e2e/views.harness';
import type { Catalogue } from '../ui/src/lib/text/en.ts';
import { isLanguage, languageCodes, languages } from '../ui/src/lib/text/languages.ts';
import { runCommand } from './lib/command-line';

const usage = `bun run screenshots [-- --out FOLDER] [--only NAME,NAME] [--language de]
  Pictures of every page and dialog, 1440 and 390 pixels wide, light and dark.
  --out       where they go; ./data/screenshots when not said
  --only      views whose names begin so
  --language  one of: ${languageCodes.join(', ')}`;

const WIDTHS = [1440, 390];

/** One view in every look. */
async function picture(studio: ViewStudio, view: View, t: Catalogue, folder: string): Promise<void> {
  const { page } = studio.at;
  await page.setViewportSize({ width: 1440, height: 900 });
  await view.show(studio, t);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: width < 1000 ? 844 : 900 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await lookAt(page, colorScheme);
      const path = join(folder, `${view.name}-${width}-${colorScheme}.png`);
      await page.screenshot({ path, fullPage: width < 1000 && !view.name.startsWith('dialog') });
    }
  }
  console.log(view.name);
}

await runCommand(async () => {
  const { values } = parseArgs({
    args: process.argv.slice(2),
    options: {
      out: { type: 'string', default: 'data/screenshots' },
      only: { type: 'string' },
      language: { type: 'string', default: 'en' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const { language } = values;
  if (!isLanguage(language)) {
    console.error(usage);
    return 1;
  }
  const texts = await languages[language].load();
  const names = values.only?.split(',') ?? [''];
  const isWanted = (view: View) => names.some((name) => view.name.startsWith(name));
  const folder = resolve(values.out);
  await mkdir(folder, { recursive: true });
  await buildPage();
  const cache = resolve('.cache', 'screenshots');
  await mkdir(cache, { recursive: true });
  const drawn = await writeDemoMaterial(cache, {
    ffmpegPath: (await testTools()).ffmpegPath,
    width: 1280,
    height: 720,
    fps: 25,
    withSinger: true,
  });
  const song = join(cache, 'song.wav');
  if (!(await Bun.file(song).exists())) await writeDemoSong(song);
  const studio = await startViewStudio({ song, singer: drawn.singer, others: [drawn.skyline, drawn.stage] });
  try {
    await studio.at.context.addInitScript(`localStorage.setItem('songreel.language', '${language}')`);
    for (const view of emptyViews.filter(isWanted)) await picture(studio, view, texts, folder);
    if (!views.some(isWanted)) return 0;
    await studio.fill();
    for (const view of views.filter(isWanted)) await picture(studio, view, texts, folder);
    console.log(folder);
    return 0;
  } finally {
    await studio.stop();
  }
});
// The providers' doubles are closed by now; Bun goes on waiting for their sockets.
process.exit();
