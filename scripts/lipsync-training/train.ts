import { createRandom } from '../demo/song/random';
import { openEspeak } from './espeak';
import { type Cast, makeExamples } from './examples';
import { OUTPUTS, scoreNetwork, trainNetwork } from './network';
import { ridgeApertureScore } from './ridge';
import { keptBackLanguages, keptBackVariants, taughtLanguages, taughtVariants } from './texts';

/**
 * Makes the training set, trains the ear of the local lip-sync engine and writes its weights:
 * `bun scripts/lipsync-training/train.ts [--takes 400] [--epochs 8] [--hidden 72] [--out FILE]`.
 * Needs espeak-ng (`apt-get install espeak-ng`). A few minutes on one core.
 */
const argument = (name: string, fallback: string) => {
  const at = Bun.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : (Bun.argv[at + 1] ?? fallback);
};
const takes = Number(argument('takes', '400'));
const epochs = Number(argument('epochs', '8'));
const hidden = Number(argument('hidden', '72'));
const seed = Number(argument('seed', '1'));
const out = argument(
  'out',
  new URL('../../api/providers/lipsync/local/audio/speech-weights.json', import.meta.url).pathname,
);

const espeak = Bun.spawnSync(['espeak-ng', '--version']).stdout.toString().split('  ')[0] ?? '';
const speaker = openEspeak(espeak);
const taught: Cast = { languages: taughtLanguages, variants: taughtVariants };
const keptBack: Cast = { languages: keptBackLanguages, variants: keptBackVariants };
const started = performance.now();
const training = makeExamples(speaker, taught, createRandom(seed), takes);
const test = makeExamples(speaker, keptBack, createRandom(seed + 1000), Math.max(20, Math.round(takes / 8)));
speaker.close();
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

const ridge = ridgeApertureScore(training, test, 4);
console.log('ridge: aperture correlation on voices kept back', ridge.toFixed(3));
const net = trainNetwork(
  training,
  { hidden, epochs, random: createRandom(seed + 7), rate: 0.0015, decay: 0.01, dropout: 0.15 },
  (epoch, loss) =>
    console.log(
      `epoch ${epoch + 1}: loss ${loss.toFixed(4)} after ${((performance.now() - started) / 1000).toFixed(0)} s`,
    ),
);
const names = ['apertureCorrelation', 'widthCorrelation', 'closedAuc', 'voicedAuc'];
const rounded = (scores: number[]) =>
  Object.fromEntries(scores.map((s, i) => [names[i] ?? '', Number(s.toFixed(3))]));
const scores = {
  voicesKeptBack: rounded(scoreNetwork(net, test)),
  voicesTaught: rounded(scoreNetwork(net, training)),
  ridgeApertureCorrelation: Number(ridge.toFixed(3)),
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
        command: `--takes ${takes} --epochs ${epochs} --hidden ${hidden} --seed ${seed}`,
        speech: espeak,
        song: 'scripts/lipsync-training/sung.ts',
        music: 'scripts/lipsync-training/backing.ts',
        minutesTaught: takes / 10,
        examples: training.rows,
        taught: { languages: taughtLanguages, variants: taughtVariants },
        keptBack: { languages: keptBackLanguages, variants: keptBackVariants },
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
