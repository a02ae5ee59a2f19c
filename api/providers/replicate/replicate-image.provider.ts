import { ignoredOptions } from '../ignored-options';
import type { ImageProvider } from '../image/image.types';
import { type PaidSettings, runPaid } from '../paid/paid-run';
import { placeInput } from './inputs';
import type { ModelFields } from './model-fields';
import type { ReplicateAccount } from './replicate.account';
import { recordInput } from './replicate.recovery';
import { askedImageOptions, honouredImageOptions, imageInput, referenceCount } from './replicate-image.rules';

/** An uncompressed 4K picture has 25 MB; PNG seldom more. */
const MAX_OUTPUT_BYTES = 64 * 1024 ** 2;
/** What a model that we have never heard of is taken to have. */
const usualFields: ModelFields = { prompt: {} };

/** Pictures by a model at Replicate. */
export function createReplicateImageProvider(options: {
  account: ReplicateAccount;
  model: string;
  settings: PaidSettings;
}): ImageProvider {
  const { account, model, settings } = options;
  const fields = () => account.fieldsOf(model) ?? usualFields;
  return {
    name: 'replicate',
    model,
    get options() {
      return honouredImageOptions(fields());
    },
    usesThisMachine: false,
    async run(request, context) {
      const known = fields();
      const used = request.references.slice(0, referenceCount(known));
      const result = await runPaid({
        api: account.api,
        kind: 'image',
        model,
        context,
        settings,
        seconds: null,
        async prepare() {
          const of = { account, context, limitMinutes: settings.limitMinutes };
          const urls: string[] = [];
          for (const [index, file] of used.entries()) {
            urls.push(await placeInput(of, { ...file, name: `reference-${index + 1}` }));
          }
          const body = imageInput(known, request, urls, Math.random);
          return { body, request: recordInput(body) };
        },
        output: { kind: 'image', path: request.outputPath, maxBytes: MAX_OUTPUT_BYTES },
      });
      const honoured = honouredImageOptions(known).filter(
        // Not all of them is not what was asked for.
        (name) => name !== 'references' || used.length === request.references.length,
      );
      return { ...result, ignoredOptions: ignoredOptions(askedImageOptions(request), honoured) };
    },
  };
}
