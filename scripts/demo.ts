import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Config, readProcessConfig } from '../api/config';
import { type Studio, startStudio } from '../api/main';
import { buildPage } from '../api/page/build-page';
import { sampleMaterial } from '../api/sample/sample-material';
import { AppError } from '../api/shared/errors';
import { listenToStopSignals } from '../api/shared/stop-signals';
import { checkOutcome } from './demo/check-outcome';
import { runMainJob } from './demo/main-job';
import { demoFormat, prepareMaterial } from './demo/prepare-material';
import { createStepReporter } from './demo/step-reporter';
import { runCommand } from './lib/command-line';

const usage = `bun run demo [-- --once] [--clip a.mp4] [--song b.wav]
  --once   stop when the final video is confirmed in S3 (exit code 0)
  --clip   the clip that is lip-synced, instead of the drawn singer
  --song   the song, instead of the one that is synthesised`;

/**
 * Another studio may already be using the usual port. The demo makes the sample's media itself; preparing the
 * sample project beside it would only slow it down.
 */
async function startOnAnyPort(given: Config): Promise<Studio> {
  const config = { ...given, PREPARE_SAMPLE: false };
  const options = { sampleMaterial: sampleMaterial(join(config.dataDirectory, 'demo')) };
  try {
    return await startStudio(config, options);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      return startStudio({ ...config, PORT: 0 }, options);
    }
    throw error;
  }
}

await runCommand(async () => {
  const { values } = parseArgs({
    args: process.argv.slice(2),
    options: {
      once: { type: 'boolean', default: false },
      clip: { type: 'string' },
      song: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const given = { clip: values.clip, song: values.song };
  for (const path of Object.values(given)) {
    if (path !== undefined && !(await Bun.file(path).exists())) {
      throw new AppError({ code: 'FileNotFound', message: `There is no file ${path}.` });
    }
  }

  const reporter = createStepReporter();
  const config = readProcessConfig({
    LOG_LEVEL: readProcessConfig().LOG_LEVEL === 'info' ? 'warn' : undefined,
  });
  await reporter.step('Build the studio page', buildPage);
  const studio = await reporter.step('Start database, storage and studio', () => startOnAnyPort(config));
  try {
    const format = await demoFormat(studio, given.clip);
    const material = await reporter.step('Draw the singer and the shots, synthesise the song', () =>
      prepareMaterial(studio, {
        directory: join(config.dataDirectory, 'demo'),
        format,
        ...(given.clip === undefined ? {} : { clip: resolve(given.clip) }),
        ...(given.song === undefined ? {} : { song: resolve(given.song) }),
      }),
    );
    const project = await runMainJob(studio, material, format, reporter);
    await checkOutcome(studio, project.id, reporter);
    console.log(`
  Open         ${studio.url}/edit/${project.id}
  Final video  ${studio.url}/api/mv/get_video/${project.finalVideo?.id}
  Download     ${studio.url}${project.finalVideo?.downloadUrl}
  As JSON      ${studio.url}/api/mv/projects/${project.id}
  API page     ${studio.url}/docs
`);
    if (!values.once) {
      console.log('The studio keeps running. Stop it with Ctrl-C.');
      await new Promise<void>((resolve) => listenToStopSignals({ onStop: () => resolve() }));
    }
  } finally {
    await studio.stop();
  }
  console.log(`Done in ${reporter.total()} s.`);
  return 0;
});
