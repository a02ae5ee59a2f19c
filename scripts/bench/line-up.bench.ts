import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type ListenedSong, lineUp, listenToSong } from '../../api/media/line-up/line-up.dsp';
import { LINE_UP_RATE, type LineUpFinding } from '../../api/media/line-up/line-up.types';
import { output } from '../../api/media/testing/tools';
import { createRandom, type Random } from '../../api/shared/random';
import { drawFilming, type Filming, film, pinkNoise, throughCamera, voices } from './line-up/filmed.sound';
import { type MadeUpSong, makeUpSong, songKinds, voiceOverBacking } from './line-up/made-up.songs';
import { benchTools, median, printTable } from './media/bench.table';

/** Songs whose seeds lie below were looked at while thresholds were chosen; those above only judge. */
const SEEDS = { tuning: 1, judging: 5001 };
const CLIP_SECONDS = [4, 5, 6, 8, 10, 15, 20, 30, 45, 60] as const;
/** One frame at 25 a second. */
const FRAME_MS = 40;

type Source = 'own' | 'other song' | 'same tempo' | 'speech' | 'noise';
type Judged = {
  source: Source;
  finding: LineUpFinding;
  filming: Filming;
  /** Milliseconds at the clip's worst end; null: it does not belong, or was not placed. */
  errorMs: number | null;
  /** Right, or said to be unsure with the right place among the alternatives. */
  isCopy: boolean;
  cpuMs: number;
};

/** Real recordings of speech beside the repository, alternately for songs and for noise; empty without them. */
async function realSpeech(ffmpegPath: string): Promise<{ songs: Float32Array[]; noise: Float32Array[] }> {
  const folder = resolve(import.meta.dir, '../../../shared/clips/talking');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.wav')) : [];
  const sounds: Float32Array[] = [];
  for (const name of names.sort()) {
    const input = ['-i', join(folder, name), '-ac', '1', '-ar', String(LINE_UP_RATE), '-f', 'f32le', '-'];
    const bytes = await output([ffmpegPath, '-v', 'error', '-nostdin', ...input]);
    sounds.push(new Float32Array(bytes.slice().buffer, 0, Math.floor(bytes.byteLength / 4)));
  }
  return {
    songs: sounds.filter((_, index) => index % 2 === 0),
    noise: sounds.filter((_, index) => index % 2 === 1),
  };
}

function joined(sounds: Float32Array[]): Float32Array {
  const all = new Float32Array(sounds.reduce((sum, sound) => sum + sound.length, 0));
  let at = 0;
  for (const sound of sounds) {
    all.set(sound, at);
    at += sound.length;
  }
  return all;
}

/** The error in milliseconds at whichever end of the clip it is larger. */
function errorOf(place: { offsetSeconds: number; rate: number }, filming: Filming): number {
  const at = (seconds: number) =>
    place.offsetSeconds + seconds * place.rate - (filming.startSeconds + seconds * filming.rate);
  return 1000 * Math.max(Math.abs(at(0)), Math.abs(at(filming.seconds)));
}

/** Whether all of a clip was filmed in one of several copies of a stretch. */
const inCopy = (song: MadeUpSong, { startSeconds, seconds }: Filming) =>
  song.copies.some((copy) =>
    copy.starts.some(
      (start) => startSeconds > start - 1 && startSeconds + seconds < start + copy.seconds + 1,
    ),
  );

/** Of nine clips six are the song's own; the others are other songs, speech and noise. */
const SOURCES: Source[] = [
  'own',
  'own',
  'other song',
  'own',
  'own',
  'same tempo',
  'own',
  'own',
  'speech',
  'own',
  'own',
  'noise',
];

/**
 * Songs that are re-recorded by a made-up camera in a made-up room, and clips of other sounds: how many are
 * placed, how exactly, and how many wrongly. `--songs N` (default 10), `--clips N` of each (default 24),
 * `--seeds tuning|judging` (default judging), `--cases` prints each.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      songs: { type: 'string', default: '10' },
      clips: { type: 'string', default: '24' },
      seeds: { type: 'string', default: 'judging' },
      cases: { type: 'boolean', default: false },
    },
  });
  const seed = values.seeds === 'tuning' ? SEEDS.tuning : SEEDS.judging;
  const { ffmpegPath } = await benchTools();
  const folder = await mkdtemp(join(tmpdir(), 'songreel-bench-line-up-'));
  try {
    const real = await realSpeech(ffmpegPath);
    const random = createRandom(seed);
    const speech = real.noise.length > 0 ? joined(real.noise) : pinkNoise(random, 60 * LINE_UP_RATE);
    const songs = Array.from({ length: Number(values.songs) }, (_, index) => {
      const kind = songKinds[index % (songKinds.length + 1)];
      return kind === undefined
        ? voiceOverBacking(seed + index, joined(real.songs))
        : makeUpSong(seed + index, kind);
    });
    const strange = { song: makeUpSong(seed + 1000, 'played'), beat: makeUpSong(seed + 1001, 'loop at 120') };
    const judged: Judged[] = [];
    for (const song of songs) {
      const listened = listenToSong(song.samples);
      for (let index = 0; index < Number(values.clips); index++) {
        const source = SOURCES[index % SOURCES.length] ?? 'own';
        const of = { speech, ffmpegPath, folder };
        const result = await judgeOne({ song, listened, source, strange, random, of });
        judged.push(result);
        if (values.cases) console.log(lineOf(song, result));
      }
    }
    report(judged);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function judgeOne(given: {
  song: MadeUpSong;
  listened: ListenedSong;
  source: Source;
  strange: { song: MadeUpSong; beat: MadeUpSong };
  random: Random;
  of: { speech: Float32Array; ffmpegPath: string; folder: string };
}): Promise<Judged> {
  const { song, source, strange, random, of } = given;
  const sound = {
    own: song,
    'same tempo': strange.beat,
    'other song': strange.song,
    speech: song,
    noise: song,
  };
  const played = sound[source].samples;
  const seconds = random.pick(CLIP_SECONDS);
  const filming = drawFilming(random, { seconds: played.length / LINE_UP_RATE }, seconds);
  const clip = await (source === 'speech'
    ? throughCamera(of, voices(random, of.speech, seconds * LINE_UP_RATE), filming.phone)
    : source === 'noise'
      ? throughCamera(
          of,
          pinkNoise(random, seconds * LINE_UP_RATE).map((value) => value * 0.05),
          filming.phone,
        )
      : film({ ...of, song: played }, filming, random));
  const before = process.cpuUsage();
  const finding = lineUp(given.listened, clip);
  const { user, system } = process.cpuUsage(before);
  const errorMs = source === 'own' && finding.place !== null ? errorOf(finding.place, filming) : null;
  const isCopy = source === 'own' && inCopy(song, filming);
  return { source, finding, filming, errorMs, isCopy, cpuMs: (user + system) / 1000 };
}

function lineOf(song: MadeUpSong, { source, finding, filming, errorMs, isCopy }: Judged): string {
  const { place } = finding;
  const scores = place === null ? '' : `${place.onsetScore.toFixed(1)}/${place.waveScore.toFixed(1)}`;
  const heard = `${filming.seconds} s, ${filming.snr.toFixed(0)} dB ${filming.noise}, echo ${filming.echo}, ×${filming.rate.toFixed(4)}${filming.phone ? ', phone' : ''}`;
  return `${song.name}${isCopy ? ' (copied)' : ''}: ${source}, ${heard}: ${finding.confidence} ${scores} ${errorMs?.toFixed(2) ?? ''}`;
}

function report(judged: Judged[]): void {
  const own = judged.filter(({ source }) => source === 'own');
  const isRight = ({ errorMs }: Judged) => errorMs !== null && errorMs <= FRAME_MS;
  const share = (part: number, whole: number) =>
    whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} % (${part} of ${whole})`;
  const certain = judged.filter(({ finding }) => finding.confidence === 'certain');
  const unsure = judged.filter(({ finding }) => finding.confidence === 'unsure');
  const unique = own.filter(({ isCopy }) => !isCopy);
  const copied = own.filter(({ isCopy }) => isCopy);
  const errors = certain
    .filter(isRight)
    .map(({ errorMs }) => errorMs ?? 0)
    .sort((a, b) => a - b);
  const certainOf = (cases: Judged[]) => cases.filter(({ finding }) => finding.confidence === 'certain');
  printTable(
    ['', 'result'],
    [
      ['cases judged', `${judged.length}, of which ${own.length} belong`],
      ['precision of "certain"', share(certain.filter(isRight).length, certain.length)],
      [
        'recall of "certain", clips in one place',
        share(certainOf(unique).filter(isRight).length, unique.length),
      ],
      [
        '… "certain" or "unsure" at the right place',
        share(unique.filter((one) => isRight(one)).length, unique.length),
      ],
      [
        'clips of a copied chorus said to be unsure',
        share(copied.length - certainOf(copied).length, copied.length),
      ],
      ['"unsure" in all', `${unsure.length}, right ${unsure.filter(isRight).length}`],
      [
        'clips that do not belong: said so',
        share(
          judged.filter(({ source, finding }) => source !== 'own' && finding.confidence === 'none').length,
          judged.length - own.length,
        ),
      ],
      [
        'error where certain (median, 95 %, worst)',
        `${median(errors).toFixed(3)}, ${(errors[Math.floor(errors.length * 0.95)] ?? 0).toFixed(2)}, ${(errors.at(-1) ?? 0).toFixed(2)} ms`,
      ],
      ['processor time of a clip (median)', `${median(judged.map(({ cpuMs }) => cpuMs)).toFixed(0)} ms`],
    ],
  );
}
