import { OUTPUTS } from '../../api/providers/local/lipsync/audio/network.model';
import { createRandom } from '../../api/shared/random';
import { openEspeak } from './espeak';
import { type Cast, makeExamples } from './examples';
import { openFlite } from './flite';
import { joinNetworks, scoreNetwork, type TrainingOptions, trainNetwork } from './network';
import {
  keptBackLanguages,
  keptBackRecorded,
  keptBackVariants,
  taughtLanguages,
  taughtRecorded,
  taughtVariants,
} from './texts';

/**
 * Makes the training set, trains the speech model of the local lip-sync engine and writes its weights:
 * `bun scripts/lipsync-training/train.ts [--takes 700] [--out FILE]`.
 * Needs espeak-ng and flite (`apt-get install espeak-ng flite`). Took 18 minutes beside other heavy work.
 */
const argument = (name: string, fallback: string) => {
  const at = Bun.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : (Bun.argv[at + 1] ?? fallback);
};
const takes = Number(argument('takes', '700'));
const seed = Number(argument('seed', '1'));
const out = argument(
  'out',
  new URL('../../api/providers/local/lipsync/audio/speech-weights.json', import.meta.url).pathname,
);

const espeak = Bun.spawnSync(['espeak-ng', '--version']).stdout.toString().split('  ')[0] ?? '';
const speakers = { espeak: openEspeak(espeak), flite: openFlite() };
const taught: Cast = {
  languages: taughtLanguages,
  variants: taughtVariants,
  recorded: taughtRecorded,
};
const keptBack: Cast = {
  languages: keptBackLanguages,
  variants: keptBackVariants,
  recorded: keptBackRecorded,
};
const started = performance.now();
const training = makeExamples(speakers, taught, createRandom(seed), takes);
const test = makeExamples(speakers, keptBack, createRandom(seed + 1000), Math.max(20, Math.round(takes / 8)));
speakers.espeak.close();
speakers.flite.close();
console.log(`${training.rows} examples in ${((performance.now() - started) / 1000).toFixed(1)} s`);

// Inputs are brought to mean 0 and spread 1; the weights written undo it, so the engine needs no step for it.
const { inputs } = training;
const mean = new Float64Array(inputs);
const spread = new Float64Array(inputs);
for (let i = 0; i < training.x.length; i += 1)
  mean[i % inputs] = (mean[i % inputs] ?? 0) + (training.x[i] ?? 0) / training.rows;
for (let i = 0; i < training.x.length; i += 1)
  spread[i % inputs] =
    (spread[i % inputs] ?? 0) + ((training.x[i] ?? 0) - (mean[i % inputs] ?? 0)) ** 2 / training.rows;
for (let i = 0; i < inputs; i += 1) spread[i] = Math.sqrt(spread[i] ?? 0) + 1e-3;
for (const set of [training, test])
  for (let i = 0; i < set.x.length; i += 1)
    set.x[i] = ((set.x[i] ?? 0) - (mean[i % inputs] ?? 0)) / (spread[i % inputs] ?? 1);

/**
 * Lips are taught with much noise and many units left out: that costs a little on synthetic voices and
 * gains on real ones. Telling voices from instruments needs the finer detail. So each has its own units.
 */
const VOICE = 3;
const common = { rate: 0.0015, decay: 0.01 };
const teach = (name: string, shift: number, options: Omit<TrainingOptions, 'random' | 'rate' | 'decay'>) =>
  trainNetwork(training, { ...common, ...options, random: createRandom(seed + shift) }, (epoch, loss) =>
    console.log(
      `${name}, epoch ${epoch + 1}: loss ${loss.toFixed(4)} after ${((performance.now() - started) / 1000).toFixed(0)} s`,
    ),
  );
const lips = teach('lips', 7, {
  hidden: 72,
  epochs: 5,
  dropout: 0.4,
  inputNoise: 0.5,
  counts: [1, 1, 1, 0],
});
const voice = teach('voice', 11, {
  hidden: 64,
  epochs: 8,
  dropout: 0.25,
  inputNoise: 0,
  counts: [0, 0, 0, 3],
});
const net = joinNetworks(lips, voice, [VOICE]);
const { hidden } = net;
const names = ['apertureCorrelation', 'widthCorrelation', 'closedAuc', 'voicedAuc'];
const rounded = (scores: number[]) =>
  Object.fromEntries(scores.map((s, i) => [names[i] ?? '', Number(s.toFixed(3))]));
const scores = {
  voicesKeptBack: rounded(scoreNetwork(net, test)),
  voicesTaught: rounded(scoreNetwork(net, training)),
};
console.log(scores);

for (let j = 0; j < hidden; j += 1)
  for (let i = 0; i < inputs; i += 1) {
    const at = j * inputs + i;
    const w = (net.w1[at] ?? 0) / (spread[i] ?? 1);
    net.w1[at] = w;
    net.b1[j] = (net.b1[j] ?? 0) - w * (mean[i] ?? 0);
  }
const flat = Float32Array.from([...net.w1, ...net.b1, ...net.w2, ...net.b2]);
await Bun.write(
  out,
  `${JSON.stringify(
    {
      provenance: {
        made: new Date().toISOString().slice(0, 10),
        script: 'scripts/lipsync-training/train.ts',
        command: `--takes ${takes} --seed ${seed}`,
        speech: [espeak, `flite ${speakers.flite.version}`],
        song: 'scripts/lipsync-training/sung.ts',
        music: 'scripts/lipsync-training/backing.ts',
        minutesTaught: takes / 10,
        examples: training.rows,
        taught: {
          languages: taughtLanguages,
          variants: taughtVariants,
          recorded: taughtRecorded,
        },
        keptBack: {
          languages: keptBackLanguages,
          variants: keptBackVariants,
          recorded: keptBackRecorded,
        },
        scores,
      },
      inputs,
      hidden,
      outputs: OUTPUTS,
      order: 'w1 (hidden × inputs), b1, w2 (outputs × hidden), b2; little-endian float32, base64',
      weights: Buffer.from(flat.buffer).toString('base64'),
    },
    null,
    1,
  )}\n`,
);
console.log(`wrote ${out}`);
