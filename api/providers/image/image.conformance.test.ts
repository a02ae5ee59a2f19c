import { setDefaultTimeout } from 'bun:test';
import { type PaidSubject, paidConformance } from '../test/paid.conformance';
import { startReplicateVendor } from '../test/vendors';
import { createReplicateImageProvider } from './replicate/replicate-image.provider';

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
        ...{ jobId, outputPath, workDirectory: bench.folder, width: 1280, height: 720, seed: null },
        ...{ prompt: 'a singer in the rain', negativePrompt: '', references: [] },
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
