import { setDefaultTimeout } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalImageProvider } from '../local/image/local-image.provider';
import { createReplicateImageProvider } from '../replicate/replicate-image.provider';
import { freeConformance } from '../test/free.conformance';
import { type PaidSubject, paidConformance } from '../test/paid.conformance';
import { startReplicateVendor } from '../test/vendors';

setDefaultTimeout(60_000);

/** One grey pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=';

const subject = (model: string): PaidSubject => ({
  title: `images by ${model} at Replicate`,
  start: startReplicateVendor,
  async run(vendor, { bench, settings, jobId, outputPath }, context) {
    if (vendor.replicate === null) throw new Error('No account.');
    return createReplicateImageProvider({ account: vendor.replicate, model, settings }).run(
      {
        jobId,
        outputPath,
        workDirectory: bench.folder,
        width: 1280,
        height: 720,
        seed: null,
        prompt: 'a singer in the rain',
        negativePrompt: '',
        references: [],
        caption: { title: 'Rain', sequence: 1 },
      },
      context,
    );
  },
  output: async () => ({ bytes: new Uint8Array(Buffer.from(PNG, 'base64')), contentType: 'image/png' }),
});

// One without anything of its own in its input but the mark, and one with a seed.
paidConformance(subject('google/imagen-4'));
paidConformance(subject('black-forest-labs/flux-schnell'));

let folder: string;
freeConformance({
  title: 'images by this machine',
  limitMs: 60_000,
  async prepare() {
    folder = await mkdtemp(join(tmpdir(), 'songreel-image-'));
    await Bun.write(join(folder, 'broken.png'), 'no picture');
  },
  outputPath: () => join(folder, 'card.jpg'),
  close: () => rm(folder, { recursive: true, force: true }),
  run: (context, input) =>
    createLocalImageProvider().run(
      {
        jobId: 'test',
        prompt: 'a singer in the rain',
        negativePrompt: '',
        width: 640,
        height: 360,
        references: input === 'good' ? [] : [{ path: join(folder, 'broken.png'), contentType: 'image/png' }],
        seed: 1,
        outputPath: join(folder, 'card.jpg'),
        workDirectory: folder,
        caption: { title: 'Rain', sequence: 1 },
      },
      context,
    ),
});
