import type { LipsyncRequest } from '../lipsync/lipsync.types';

/** All models of sync.so take the same options. */
export const syncOptions = [
  'temperature',
  'active_speaker_detection',
  'occlusion_detection_enabled',
  'speaker',
] as const;

/** Who is meant: a point in pixels of the first frame, whoever speaks, or nobody in particular. */
function speakerOf(request: Pick<LipsyncRequest, 'options' | 'width' | 'height'>): Record<string, unknown> {
  const { speaker, active_speaker_detection } = request.options;
  if (speaker === undefined) return { auto_detect: active_speaker_detection };
  const pixel = (share: number, size: number) => Math.min(size - 1, Math.round(share * size));
  return {
    frame_number: 0,
    coordinates: [pixel(speaker.x, request.width), pixel(speaker.y, request.height)],
  };
}

/**
 * The body of `POST /v2/generate`. `cut_off` keeps the length: clip and sound are equally long. It holds
 * all that is sent, so that a repetition under the same key is the same to the letter.
 */
export function generateBody(of: {
  request: Pick<LipsyncRequest, 'options' | 'width' | 'height'>;
  model: string;
  videoAssetId: string;
  audioAssetId: string;
  webhookUrl: string | null;
}): Record<string, unknown> {
  const { options } = of.request;
  return {
    model: of.model,
    input: [
      { type: 'video', assetId: of.videoAssetId },
      { type: 'audio', assetId: of.audioAssetId },
    ],
    options: {
      sync_mode: 'cut_off',
      temperature: options.temperature,
      active_speaker_detection: speakerOf(of.request),
      occlusion_detection_enabled: options.occlusion_detection_enabled,
    },
    ...(of.webhookUrl === null ? {} : { webhookUrl: of.webhookUrl }),
  };
}
