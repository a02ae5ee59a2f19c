import type { LipsyncProvider } from '../lipsync/lipsync.types';
import { type PaidSettings, runPaid } from '../paid/paid-run';
import type { SyncAccount } from './sync.account';
import { generateBody, syncOptions } from './sync-lipsync.rules';

/** A lip-synced clip is at most as long as a song; 4K at 60 Mbit/s has this in ten minutes. */
const MAX_OUTPUT_BYTES = 4 * 1024 ** 3;

/** Lip-sync by sync.so itself. */
export function createSyncLipsyncProvider(options: {
  account: SyncAccount;
  model: string;
  settings: PaidSettings;
}): LipsyncProvider {
  const { account, model, settings } = options;
  return {
    name: 'sync',
    model,
    options: syncOptions,
    usesThisMachine: false,
    async run(request, context) {
      const result = await runPaid({
        api: account.api,
        kind: 'lipsync',
        model,
        context,
        settings,
        seconds: request.frames / request.fps,
        async prepare() {
          const videoAssetId = await account.upload(
            { path: request.videoPath, contentType: 'video/mp4', name: 'clip.mp4', type: 'VIDEO' },
            context.signal,
          );
          const audioAssetId = await account.upload(
            {
              path: request.vocalPath ?? request.audioPath,
              contentType: 'audio/wav',
              name: 'slice.wav',
              type: 'AUDIO',
            },
            context.signal,
          );
          const { webhookUrl } = context;
          const body = generateBody({ request, model, videoAssetId, audioAssetId, webhookUrl });
          return { body, request: body };
        },
        output: { kind: 'video', path: request.outputPath, maxBytes: MAX_OUTPUT_BYTES },
      });
      return { ...result, ignoredOptions: [] };
    },
  };
}
