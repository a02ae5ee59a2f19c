import { askedLipsyncOptions } from '../../contract/lipsync.schema';
import { ignoredOptions } from '../ignored-options';
import type { LipsyncProvider } from '../lipsync/lipsync.types';
import { type PaidSettings, runPaid } from '../paid/paid-run';
import { unfitRequest } from '../provider.errors';
import { placeInput } from './inputs';
import type { ModelFields } from './model-fields';
import type { ReplicateAccount } from './replicate.account';
import { recordInput } from './replicate.recovery';
import { honouredOptions, limitProblem, lipsyncInput, mediaFields } from './replicate-lipsync.rules';

/** A lip-synced clip is at most as long as a song; 4K at 60 Mbit/s has this in ten minutes. */
const MAX_OUTPUT_BYTES = 4 * 1024 ** 3;
/** What a model that we have never heard of is taken to have. */
const usualFields: ModelFields = { video: {}, audio: {} };

/** Lip-sync by a model at Replicate. */
export function createReplicateLipsyncProvider(options: {
  account: ReplicateAccount;
  model: string;
  settings: PaidSettings;
}): LipsyncProvider {
  const { account, model, settings } = options;
  const fields = () => account.fieldsOf(model) ?? usualFields;
  return {
    name: 'replicate',
    model,
    get options() {
      return honouredOptions(fields());
    },
    usesThisMachine: false,
    async run(request, context) {
      const { width, height } = request;
      const seconds = request.frames / request.fps;
      const audioPath = request.vocalPath ?? request.audioPath;
      const known = fields();
      const media = mediaFields(known);
      if (media === null) {
        throw unfitRequest(
          'replicate',
          `The model ${model} has no fields for a clip and a sound.`,
          'Set REPLICATE_LIPSYNC_MODEL to a lip-sync model.',
        );
      }
      const result = await runPaid({
        api: account.api,
        kind: 'lipsync',
        model,
        context,
        settings,
        seconds,
        async prepare() {
          const videoBytes = Bun.file(request.videoPath).size;
          const audioBytes = Bun.file(audioPath).size;
          const problem = limitProblem(model, { seconds, width, height, videoBytes, audioBytes });
          if (problem !== null) throw problem;
          const of = { account, context, limitMinutes: settings.limitMinutes };
          const videoUrl = await placeInput(of, {
            path: request.videoPath,
            contentType: 'video/mp4',
            name: 'clip.mp4',
          });
          const audioUrl = await placeInput(of, {
            path: audioPath,
            contentType: 'audio/wav',
            name: 'slice.wav',
          });
          const body = lipsyncInput(known, { ...media, videoUrl, audioUrl }, request.options);
          return { body, request: recordInput(body) };
        },
        output: { kind: 'video', path: request.outputPath, maxBytes: MAX_OUTPUT_BYTES },
      });
      return {
        ...result,
        ignoredOptions: ignoredOptions(askedLipsyncOptions(request.options), honouredOptions(known)),
      };
    },
  };
}
