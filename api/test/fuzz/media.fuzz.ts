import { join } from 'node:path';
import { createRandom, type Random } from '../../shared/random';
import { mediaFilesLeft } from '../../storage/media-files';
import { residentMebibytes } from '../chaos/chaos.machines';
import { createStage, processesAbout } from '../process.harness';
import { createApiClient } from '../studio.harness';
import { type Container, containers, type Damage, damage, type Sample } from './media.damage';
import { makeSamples } from './media.samples';

/** Such small files take seconds; a machine busy with other work takes many times as long. */
const LONGEST_ANSWER_MS = 180_000;
const SLOWEST_TOLD = 5;
/** The files of 60 s are small: what is still there or running after this is left for good. */
const TIDY_WITHIN_MS = 30_000;
const MEMORY_EVERY = 100;
/** Of requests; before it caches, pools and compiled code still grow. */
const WARM_SHARE = 0.25;
const MOST_GROWTH = 1.25;
const GROWTH_NOISE_MEBIBYTES = 64;

export type MediaFuzzReport = {
  seed: number;
  files: number;
  seconds: number;
  /** By container, status and error. */
  answers: Record<string, number>;
  /** Seconds, slowest first. */
  slowest: { file: number; answer: string; damages: string; seconds: number }[];
  /** Resident memory: after warming up, at its highest, at the end. */
  memory: { warm: number; most: number; end: number };
  problems: string[];
};

/** What a damaged file may be answered with; anything else is a fault of the studio. */
const allowed = new Set([200, 400, 409, 413, 415, 422]);

/** Sends damaged media through the real upload path of a real process and watches what becomes of it. */
export async function fuzzMedia(options: {
  seed: number;
  count: number;
  /** Uploads at once, each to a scene of its own. */
  lanes: number;
  /** It ends after this time, however much is left. */
  lengthMs: number;
  tell: (line: string) => void;
  /** Keeps a file that made a problem. */
  keep?: (name: string, bytes: Uint8Array) => Promise<unknown>;
}): Promise<MediaFuzzReport> {
  const random = createRandom(options.seed);
  const samples = await makeSamples();
  const stage = await createStage();
  const began = performance.now();
  const report: MediaFuzzReport = {
    seed: options.seed,
    files: 0,
    seconds: 0,
    answers: {},
    slowest: [],
    memory: { warm: 0, most: 0, end: 0 },
    problems: [],
  };
  const memory: number[] = [];
  try {
    const studio = await stage.start('start');
    const api = createApiClient(`${studio.url}/api/mv`);
    let next = 0;

    async function problem(number: number, what: string, bytes: Uint8Array): Promise<void> {
      report.problems.push(`file ${number}: ${what}`);
      options.tell(`PROBLEM seed ${options.seed}, file ${number}: ${what}`);
      await options.keep?.(`${options.seed}-${number}`, bytes);
    }

    async function send(
      number: number,
      project: string,
      file: { sample: Sample; bytes: Uint8Array; done: readonly Damage[] },
    ): Promise<void> {
      const { sample } = file;
      const bytes = Uint8Array.from(file.bytes);
      const started = performance.now();
      let name = `${sample.container} no answer`;
      const signal = AbortSignal.timeout(LONGEST_ANSWER_MS);
      try {
        const path = pathFor(project, sample.container, number);
        const answer = await api.call<{ error?: unknown } | null>(path.method, path.path, {
          headers: { 'Content-Type': 'application/octet-stream' },
          body: bytes,
          signal,
        });
        const code = typeof answer.body?.error === 'string' ? answer.body.error : '';
        name = `${sample.container} ${answer.status} ${code}`.trim();
        report.answers[name] = (report.answers[name] ?? 0) + 1;
        if (!allowed.has(answer.status)) {
          await problem(
            number,
            `${sample.container}: ${answer.status} ${JSON.stringify(answer.body)}`,
            bytes,
          );
        }
      } catch (error) {
        await problem(number, `${sample.container}: no answer (${String(error)})`, bytes);
        if (!studio.isRunning()) throw error;
      }
      const seconds = (performance.now() - started) / 1000;
      report.slowest = [
        ...report.slowest,
        { file: number, answer: name, damages: file.done.join(' '), seconds },
      ]
        .toSorted((a, b) => b.seconds - a.seconds)
        .slice(0, SLOWEST_TOLD);
      report.files += 1;
      if (report.files % MEMORY_EVERY === 0) {
        memory.push((await residentMebibytes(studio.pid)) ?? 0);
        studio.lines.splice(0);
        if (report.files % 1000 === 0) {
          options.tell(
            `${report.files} files, ${(report.files / ((performance.now() - began) / 1000)).toFixed(1)} a second, ${memory.at(-1)?.toFixed(0)} MiB`,
          );
        }
      }
    }

    await Promise.all(
      Array.from({ length: options.lanes }, async () => {
        const { id } = await api.createProject({ format: { width: 128, height: 128, fps: 25 } });
        await api.addScene(id);
        while (next < options.count && performance.now() - began < options.lengthMs) {
          const number = next++;
          const sample = pickSample(random, samples);
          await send(number, id, { sample, ...damage(random, sample, samples) });
        }
      }),
    );

    report.problems.push(...(await leftIn(join(stage.directory, 'data', 'outputs'))));
    if (!studio.isRunning()) report.problems.push('The studio ended.');
    report.memory = memoryOf(memory);
    const { warm, end } = report.memory;
    if (end > warm * MOST_GROWTH + GROWTH_NOISE_MEBIBYTES) {
      report.problems.push(`memory grew from ${warm.toFixed(0)} to ${end.toFixed(0)} MiB`);
    }
    report.seconds = (performance.now() - began) / 1000;
    return report;
  } finally {
    await stage.stop();
  }
}

/**
 * What of files and programs is still there when there was time enough to tidy up. Both are looked at again
 * until both are gone: pictures of a take are made after its upload was answered.
 */
async function leftIn(outputs: string): Promise<string[]> {
  const giveUpAt = performance.now() + TIDY_WITHIN_MS;
  for (;;) {
    const files = await mediaFilesLeft(outputs, Math.max(0, giveUpAt - performance.now()));
    const programs = [...(await processesAbout(outputs)).values()];
    if ((files.length === 0 && programs.length === 0) || performance.now() > giveUpAt) {
      return [
        ...(files.length > 0 ? [`files left: ${files.join(', ')}`] : []),
        ...(programs.length > 0 ? [`programs left: ${programs.join(', ')}`] : []),
      ];
    }
    await Bun.sleep(50);
  }
}

/** Each kind of file as often as any other, however many samples it has. */
function pickSample(random: Random, samples: readonly Sample[]): Sample {
  const container = random.pick([...containers]);
  const own = samples.filter((sample) => sample.container === container);
  const sample = own[Math.floor(random.next() * own.length)];
  if (sample === undefined) throw new Error(`There is no sample of ${container}.`);
  return sample;
}

/** Where such a file belongs; every eighth goes where it does not. */
function pathFor(projectId: string, container: Container, number: number): { method: string; path: string } {
  const song = { method: 'PUT', path: `/projects/${projectId}/audio` };
  const clip = { method: 'POST', path: `/projects/${projectId}/scenes/1/upload_video` };
  const image = { method: 'POST', path: `/projects/${projectId}/scenes/1/upload_image` };
  const own = { mp4: clip, webm: clip, wav: song, mp3: song, png: image, jpeg: image }[container];
  return number % 8 === 7 ? ([song, clip, image][Math.floor(number / 8) % 3] ?? own) : own;
}

/** Medians of the first quarter after the warm-up and of the last quarter, and the highest. */
function memoryOf(samples: readonly number[]): MediaFuzzReport['memory'] {
  const warm = samples.slice(Math.floor(samples.length * WARM_SHARE));
  const quarter = Math.max(1, Math.floor(warm.length / 4));
  const median = (values: readonly number[]) =>
    values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  return {
    warm: median(warm.slice(0, quarter)),
    most: Math.max(0, ...samples),
    end: median(warm.slice(-quarter)),
  };
}
