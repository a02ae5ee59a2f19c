import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { readProcessConfig } from '../../api/config';
import { LipsyncOptionsSchema } from '../../api/contract/lipsync.schema';
import { findPrograms } from '../../api/media/ffmpeg.finder';
import { runFfmpeg } from '../../api/media/ffmpeg.runner';
import type { MediaTools } from '../../api/media/media.types';
import { mezzanineVideoArguments } from '../../api/media/mezzanine.arguments';
import { createLocalLipsyncProvider } from '../../api/providers/local/lipsync/local.provider';
import { createLog } from '../../api/shared/log';
import { type BenchCase, listCases, paintDemoCase, prepareCase } from './lipsync/bench.cases';
import { findSquares, readApertures, walkPair } from './lipsync/clip.reading';
import { writeContactSheet } from './lipsync/contact.sheet';
import { bestLag, correlation, shiftedCorrelation95 } from './lipsync/curve.statistics';
import { demoVariants } from './lipsync/demo.variants';
import { type FaceSquare, loadIndependentDetector } from './lipsync/independent.detector';
import { createJitterMeter } from './lipsync/jitter.meter';
import { loudnessCurve } from './lipsync/loudness.curve';
import { type LoudnessRow, loudnessRow } from './lipsync/loudness.rows';
import { createQualityMeter } from './lipsync/picture.quality';
import { measureProcesses, type ProcessUse } from './lipsync/process.meter';
import { quietCases } from './lipsync/quiet.cases';
import { coveredMouth, type SpecialRun, twoFaces } from './lipsync/special.cases';

const ReportSchema = v.looseObject({
  target: v.array(v.number()),
  passedThrough: v.looseObject({ share: v.number() }),
  framesWithFace: v.number(),
  facesFound: v.number(),
  shots: v.number(),
  peakMemoryBytes: v.number(),
  milliseconds: v.record(v.string(), v.number()),
});
type Row = Record<string, string | number>;
type Run = { path: string; seconds: number; use: ProcessUse; report: v.InferOutput<typeof ReportSchema> };

/**
 * The local lip-sync engine on the clips at hand, judged by a face model that the engine doesn't use.
 * `--clips DIR` adds pairs name.mp4/name.wav, `--seconds`, `--temperature`, `--sheets DIR`, `--only NAME`.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      clips: { type: 'string' },
      seconds: { type: 'string', default: '5' },
      temperature: { type: 'string', default: '0.6' },
      sheets: { type: 'string' },
      only: { type: 'string' },
    },
  });
  const config = readProcessConfig();
  const log = createLog('warn');
  const { FFMPEG_BIN: ffmpegBin, FFPROBE_BIN: ffprobeBin } = config;
  const tools: MediaTools = {
    ...(await findPrograms({ ffmpegBin, ffprobeBin, log, allowInstall: false })),
    log,
  };
  const folder = await mkdtemp(join(tmpdir(), 'songreel-bench-'));
  const sheets = values.sheets ?? join(tmpdir(), 'songreel-lipsync-sheets');
  await mkdir(sheets, { recursive: true });
  try {
    const rows: Record<string, string | number>[] = [];
    const truths: Record<string, string | number>[] = [];
    const loudnessRows: LoudnessRow[] = [];
    const prepared: BenchCase[] = [];
    const demo = await paintDemoCase(tools.ffmpegPath, Number(values.seconds), folder);
    for (const recipe of [...(await listCases(values.clips)), demo]) {
      if (values.only !== undefined && !recipe.name.includes(values.only)) continue;
      const bench = await prepareCase(tools, recipe, Number(values.seconds), folder);
      prepared.push(bench);
      const judge = await judgeOf(tools, bench, loudnessRows);
      const made = await lipsync(tools, bench, bench, Number(values.temperature), `${folder}/out.mp4`);
      rows.push(await judge.compare(made, sheets));
      if (bench.ownAudioPath !== null) {
        const own = await lipsync(
          tools,
          bench,
          { audioPath: bench.ownAudioPath, vocalPath: null },
          Number(values.temperature),
          `${folder}/own.mp4`,
        );
        truths.push(await judge.truth(own));
      }
    }
    const special = await specialCases(tools, prepared, Number(values.temperature), { folder, sheets });
    console.log('\nLip-sync, judged by an independent face model (aperture in eye distances):');
    console.table(rows);
    console.log('Loudness of the voice and openings of the mouth (r, best lag in frames):');
    console.table(loudnessRows);
    console.log('Re-sync truth: the clip to its own sound, against its true mouth:');
    console.table(truths);
    const mean =
      truths.reduce((sum, row) => sum + Number(row['correlation']), 0) / Math.max(1, truths.length);
    console.log('Quiet sounds: what of the range for speech the mouth still moves:');
    console.table(special.quiet);
    console.table(special.others);
    console.log('The drawn singer made difficult:');
    console.table(special.variants);
    console.log(`re-sync truth: mean ${mean.toFixed(2)}   contact sheets (before over after): ${sheets}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Quiet sounds on the first clip; two faces and a covered mouth on square clips that show a real face. */
async function specialCases(
  tools: MediaTools,
  prepared: readonly BenchCase[],
  temperature: number,
  { folder, sheets }: { folder: string; sheets: string },
): Promise<{ quiet: Row[]; others: Row[]; variants: Row[] }> {
  const runSpecial: SpecialRun = async (bench, options) => {
    const made = await lipsync(tools, bench, bench, temperature, `${folder}/special.mp4`, options);
    return { path: made.path, target: made.report.target, report: made.report };
  };
  const kit = { tools, folder, run: runSpecial };
  const detector = await loadIndependentDetector();
  const squaresOf = (bench: BenchCase): Promise<(FaceSquare | null)[]> =>
    findSquares(tools.ffmpegPath, { path: bench.videoPath, ...bench.format, frames: bench.frames }, detector);
  const [left, right] = prepared.filter(({ format }) => format.width === format.height);
  const first = right ?? prepared[0];
  if (!first) return { quiet: [], others: [], variants: [] };
  const squares = await squaresOf(first);
  const face = squares[Math.floor(first.format.fps * 1.5)];
  const others: Row[] = [];
  if (left && right) others.push(await twoFaces(kit, left, right));
  if (face) others.push(await coveredMouth(kit, first, face));
  // A frontal face, one that looks up, whose stretched chin deceives the detectors, and the drawn one.
  const quiet: Row[] = [];
  for (const bench of new Set([left ?? first, first, prepared[prepared.length - 1] ?? first])) {
    quiet.push(...(await quietCases(kit, bench, await squaresOf(bench), detector)));
  }
  const singer = prepared.find(({ name }) => name === 'drawn singer');
  const variants = singer ? await demoVariants(kit, singer, detector, sheets) : [];
  return { quiet, others, variants };
}

/** Runs the engine as the product does: in its own process. */
async function lipsync(
  tools: MediaTools,
  bench: BenchCase,
  sound: { audioPath: string; vocalPath: string | null },
  temperature: number,
  outputPath: string,
  options: Parameters<SpecialRun>[1] = {},
): Promise<Run> {
  const provider = createLocalLipsyncProvider({
    ffmpegPath: tools.ffmpegPath,
    videoEncodeArguments: () => mezzanineVideoArguments(bench.format, 2),
  });
  const workDirectory = await mkdtemp(join(tmpdir(), 'songreel-bench-job-'));
  try {
    const started = performance.now();
    const { result, use } = await measureProcesses(() =>
      provider.run(
        {
          jobId: 'bench',
          videoPath: bench.videoPath,
          outputPath,
          workDirectory,
          audioPath: sound.audioPath,
          ...(sound.vocalPath === null ? {} : { vocalPath: sound.vocalPath }),
          ...bench.format,
          frames: bench.frames,
          options: v.parse(LipsyncOptionsSchema, { temperature, ...options }),
        },
        { signal: new AbortController().signal, progress: () => undefined, log: tools.log },
      ),
    );
    const seconds = (performance.now() - started) / 1000;
    return { path: outputPath, seconds, use, report: v.parse(ReportSchema, result.report) };
  } finally {
    await rm(workDirectory, { recursive: true, force: true });
  }
}

type Judge = {
  compare(made: Run, sheets: string): Promise<Record<string, string | number>>;
  truth(own: Run): Promise<Record<string, string | number>>;
};

async function judgeOf(tools: MediaTools, bench: BenchCase, loudnessRows: LoudnessRow[]): Promise<Judge> {
  const detector = await loadIndependentDetector();
  const { ffmpegPath } = tools;
  const source = { path: bench.videoPath, ...bench.format, frames: bench.frames };
  const squares = await findSquares(ffmpegPath, source, detector);
  const before = await readApertures(ffmpegPath, source, squares, detector);
  const clipSeconds = bench.frames / bench.format.fps;
  const floor = await floorSeconds(tools, bench);
  const loudnessOf = (path: string): Promise<number[]> =>
    loudnessCurve(ffmpegPath, path, bench.format.fps, bench.frames);
  return {
    async compare(made, sheets) {
      const result = { ...source, path: made.path };
      const after = await readApertures(ffmpegPath, result, squares, detector);
      // Where the voice is at hand alone, its loudness: nobody moves lips to the drums.
      const loudness = await loudnessOf(bench.vocalPath ?? bench.audioPath);
      const quality = createQualityMeter();
      const jitter = createJitterMeter();
      await walkPair(ffmpegPath, source, result, (a, b, index) => {
        quality.add(a, b, squares[index] ?? null);
        jitter.add(a, b, squares[index] ?? null);
      });
      const face = squares[Math.floor(squares.length / 2)] ?? null;
      const outputPath = join(sheets, `${bench.name.replace(/\W+/g, '-')}.png`);
      await writeContactSheet(tools, {
        before: source.path,
        after: made.path,
        frames: bench.frames,
        face,
        outputPath,
      });
      const { target } = made.report;
      loudnessRows.push(
        loudnessRow(bench.name, 'of the result', loudness, after),
        loudnessRow(bench.name, 'as wanted', loudness, target),
      );
      if (bench.ownAudioPath !== null) {
        const own = await loudnessOf(bench.ownAudioPath);
        loudnessRows.push(loudnessRow(bench.name, "the source's, its own sound", own, before));
      }
      return {
        clip: bench.name,
        'target r before': correlation(target, before).toFixed(2),
        'target r': correlation(target, after).toFixed(2),
        'lag to target': bestLag(target, after),
        'loudness r before': correlation(loudness, before).toFixed(2),
        'loudness r': correlation(loudness, after).toFixed(2),
        'lag to loudness': bestLag(loudness, after),
        'PSNR outside dB': quality.result().psnr.toFixed(1),
        'SSIM outside': quality.result().ssim.toFixed(4),
        'jitter ratio': jitter.ratio().toFixed(2),
        'passed through': `${Math.round(made.report.passedThrough.share * 100)}%`,
        'real-time factor': (made.seconds / clipSeconds).toFixed(2),
        'floor (decode+encode)': (floor / clipSeconds).toFixed(2),
        'CPU s': made.use.cpuSeconds.toFixed(1),
        'peak MB': Math.round(made.use.peakBytes / 1e6),
        'stages ms': Object.entries(made.report.milliseconds)
          .map(([stage, ms]) => `${stage} ${Math.round(ms)}`)
          .join(', '),
      };
    },
    async truth(own) {
      const after = await readApertures(ffmpegPath, { ...source, path: own.path }, squares, detector);
      return {
        clip: bench.name,
        correlation: correlation(before, after).toFixed(2),
        '95% of shifts': shiftedCorrelation95(before, after).toFixed(2),
        'target alone': correlation(before, own.report.target).toFixed(2),
      };
    },
  };
}

/** The time that decoding and encoding the clip take alone: nothing can be faster. */
async function floorSeconds(tools: MediaTools, bench: BenchCase): Promise<number> {
  const outputPath = join(tmpdir(), `songreel-bench-floor-${process.pid}.mp4`);
  const started = performance.now();
  try {
    await runFfmpeg(tools, {
      step: 'Measure the floor',
      timeLimitSeconds: 300,
      args: ['-i', bench.videoPath, '-an', ...mezzanineVideoArguments(bench.format, 2), outputPath],
    });
    return (performance.now() - started) / 1000;
  } finally {
    await rm(outputPath, { force: true });
  }
}
