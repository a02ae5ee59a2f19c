import { type PaidSettings, runPaid } from '../paid/paid-run';
import { unfitRequest } from '../provider.errors';
import type { VideoProvider } from '../video/video.types';
import { placeInput } from './inputs';
import type { ModelFields } from './model-fields';
import type { ReplicateAccount } from './replicate.account';
import { recordInput } from './replicate.recovery';
import {
  honouredVideoOptions,
  ignoredVideoOptions,
  lengthsOf,
  paidLength,
  usedPictures,
  videoInput,
} from './replicate-video.rules';

/** Twelve seconds of 1080p at 100 Mbit/s have 150 MB. */
const MAX_OUTPUT_BYTES = 512 * 1024 ** 2;
/** What a model that we have never heard of is taken to have. */
const usualFields: ModelFields = { prompt: {} };

/** Clips by a model at Replicate. */
export function createReplicateVideoProvider(options: {
  account: ReplicateAccount;
  model: string;
  settings: PaidSettings;
}): VideoProvider {
  const { account, model, settings } = options;
  const fields = () => account.fieldsOf(model) ?? usualFields;
  return {
    name: 'replicate',
    model,
    get options() {
      return honouredVideoOptions(fields());
    },
    usesThisMachine: false,
    paidSeconds: (neededSeconds) => paidLength(fields(), neededSeconds),
    async run(request, context) {
      const known = fields();
      const needed = request.frames / request.fps;
      const seconds = paidLength(known, needed);
      if (seconds < needed - 0.001) {
        throw unfitRequest(
          'replicate',
          `The model ${model} makes clips of at most ${lengthsOf(known).at(-1)} seconds, and the scene has ${needed.toFixed(2)}.`,
          'Make the scene shorter or split it, or use another model or provider.',
        );
      }
      const used = usedPictures(known, request, seconds);
      const result = await runPaid({
        api: account.api,
        kind: 'video',
        model,
        context,
        settings,
        seconds,
        async prepare() {
          const of = { account, context, limitMinutes: settings.limitMinutes };
          const place = async (path: string | null, name: string) =>
            path === null ? null : placeInput(of, { path, contentType: Bun.file(path).type, name });
          const image = await place(used.image, 'first-frame');
          const lastImage = await place(used.lastImage, 'last-frame');
          const references: string[] = [];
          for (const [index, file] of used.references.entries()) {
            references.push(await placeInput(of, { ...file, name: `reference-${index + 1}` }));
          }
          const body = videoInput(known, request, { image, lastImage, references }, seconds, Math.random);
          return { body, request: recordInput(body) };
        },
        output: { kind: 'video', path: request.outputPath, maxBytes: MAX_OUTPUT_BYTES },
      });
      return { ...result, ignoredOptions: ignoredVideoOptions(known, request, used) };
    },
  };
}
