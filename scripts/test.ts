import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, normalize } from 'node:path';
import { Glob } from 'bun';
import { readProcessConfig } from '../api/config';
import { findPrograms } from '../api/media/ffmpeg.finder';
import { buildPage } from '../api/page/build-page';
import { createLog } from '../api/shared/log';
import { findChromium } from '../api/test/chromium.finder';
import { runCommand } from './lib/command-line';
import { installDebianPostgres } from './lib/debian-postgres';
import { type Counts, readReport } from './lib/junit-report';

const root = join(import.meta.dir, '..');
const checks = ['check:format', 'check:types', 'check:ui', 'check:rooms'];

/** Half of their time tests wait: two files at a time take half as long on two cores. They share no database. */
const parallel = ['--parallel=2', '--no-isolate'];

const spawn = (command: string[], environment: Record<string, string>, output: 'inherit' | 'pipe') =>
  Bun.spawn(command, {
    cwd: root,
    stdin: 'ignore',
    stdout: output,
    stderr: output,
    env: { ...process.env, ...environment },
  });

/** Runs a check; resolves to whether it passed, its output shown when it is over. */
async function passes(check: string, environment: Record<string, string>): Promise<boolean> {
  const child = spawn([process.execPath, 'run', check], environment, 'pipe');
  const streams = [child.stdout, child.stderr].map((stream) => new Response(stream ?? null).text());
  const [code, ...texts] = await Promise.all([child.exited, ...streams]);
  console.log(`\n== ${check}\n${texts.join('')}`);
  return code === 0;
}

/** Whether a file is one of those that were asked for, by its path or that of a folder above it. */
const isWithin = (places: string[]) => (path: string) =>
  places.length === 0 || places.some((place) => path === place || path.startsWith(`${place}/`));

/** Test files of an ending (`.test.ts`), as `bun test` takes them. */
const testFiles = (ending: string, places: string[]) =>
  [...new Glob(`{api,db,scripts,ui}/**/*${ending}`).scanSync({ cwd: root })]
    .filter((path) => !path.includes('node_modules') && isWithin(places)(path))
    .map((path) => `./${path}`)
    .sort();

/**
 * Checks (format, types, rooms), then unit and integration tests, then browser tests. With files or
 * folders: the tests in these alone.
 */
await runCommand(async () => {
  const places = process.argv.slice(2).map((place) => normalize(place).replace(/\/$/, ''));
  const config = readProcessConfig();
  const programs = await findPrograms({
    log: createLog('warn'),
    allowInstall: true,
    ...(config.FFMPEG_BIN === undefined ? {} : { ffmpegBin: config.FFMPEG_BIN }),
    ...(config.FFPROBE_BIN === undefined ? {} : { ffprobeBin: config.FFPROBE_BIN }),
  });
  const environment = {
    FFMPEG_BIN: programs.ffmpegPath,
    FFPROBE_BIN: programs.ffprobePath,
    CHROMIUM_BIN: findChromium(config.CHROMIUM_BIN),
  };
  installDebianPostgres();
  await buildPage();
  const sum: Counts = { passed: 0, failed: 0 };
  const checked = places.length > 0 ? [] : checks.map((check) => passes(check, environment));
  for (const passed of await Promise.all(checked)) sum[passed ? 'passed' : 'failed'] += 1;

  const reports = await mkdtemp(join(tmpdir(), 'songreel-tests-'));
  const browserTests = testFiles('.e2e.ts', places);
  const isTimed = (path: string) => path.endsWith('.timed.e2e.ts');
  const parts = [
    { name: 'unit and integration tests', files: testFiles('.test.ts', places), flags: parallel },
    { name: 'browser tests', files: browserTests.filter((path) => !isTimed(path)), flags: parallel },
    // Nothing else may be at work.
    { name: 'browser tests that measure frames', files: browserTests.filter(isTimed), flags: [] },
  ].filter((part) => part.files.length > 0);
  if (parts.length === 0) {
    console.log(`No test is in ${places.join(', ')}.`);
    sum.failed += 1;
  }
  for (const [index, part] of parts.entries()) {
    console.log(`\n== ${part.name}`);
    const report = join(reports, `${index}.xml`);
    const child = spawn(
      [
        process.execPath,
        'test',
        '--timeout=120000',
        ...part.flags,
        '--reporter=junit',
        `--reporter-outfile=${report}`,
        ...part.files,
      ],
      environment,
      'inherit',
    );
    const code = await child.exited;
    const counts = readReport(
      await Bun.file(report)
        .text()
        .catch(() => ''),
    );
    // A runner that crashed before its report, or that ran nothing, has failed.
    const broken = Number.isNaN(counts.passed) || (code !== 0 && counts.failed === 0);
    sum.passed += Number.isNaN(counts.passed) ? 0 : counts.passed;
    sum.failed += (Number.isNaN(counts.failed) ? 0 : counts.failed) + (broken ? 1 : 0);
  }
  await rm(reports, { recursive: true, force: true });
  console.log(`\n${sum.passed} passed, ${sum.failed} failed`);
  return sum.failed === 0 ? 0 : 1;
});
