import type { LipsyncOptions } from '../../contract/lipsync.schema';
import type { AppError } from '../../shared/errors';
import { unfitRequest } from '../provider.errors';
import { firstField, type ModelFields } from './model-fields';

/** Names that models give to what all lip-syncs need, the usual ones first. */
const videoNames = ['video', 'video_url', 'video_file', 'input_video'];
const audioNames = ['audio', 'audio_file', 'audio_url', 'input_audio'];
const speakerNames = ['active_speaker', 'active_speaker_detection'];
const occlusionNames = ['occlusion_detection_enabled', 'occlusion_detection'];

/** Our options that a model has fields for. */
export function honouredOptions(fields: ModelFields): string[] {
  return [
    ...(firstField(fields, 'temperature') ? ['temperature'] : []),
    ...(firstField(fields, ...speakerNames) ? ['active_speaker_detection'] : []),
    ...(firstField(fields, ...occlusionNames) ? ['occlusion_detection_enabled'] : []),
  ];
}

/** The model's fields for clip and sound; null when it has none that we know. */
export function mediaFields(fields: ModelFields): { video: string; audio: string } | null {
  const video = firstField(fields, ...videoNames);
  const audio = firstField(fields, ...audioNames);
  return video === null || audio === null ? null : { video, audio };
}

/**
 * The input of a model, made of the fields that it has. `cut_off` keeps the length: clip and sound are
 * equally long, and nothing is to be looped or stretched.
 */
export function lipsyncInput(
  fields: ModelFields,
  media: { video: string; audio: string; videoUrl: string; audioUrl: string },
  options: LipsyncOptions,
): Record<string, unknown> {
  const speaker = firstField(fields, ...speakerNames);
  const occlusion = firstField(fields, ...occlusionNames);
  return {
    [media.video]: media.videoUrl,
    [media.audio]: media.audioUrl,
    ...(fields['sync_mode'] === undefined ? {} : { sync_mode: 'cut_off' }),
    // Would change the length, and with it the price.
    ...(fields['enable_dynamic_duration'] === undefined ? {} : { enable_dynamic_duration: false }),
    ...(fields['temperature'] === undefined ? {} : { temperature: options.temperature }),
    ...(speaker === null
      ? {}
      : { [speaker]: options.active_speaker_detection || options.speaker !== undefined }),
    ...(occlusion === null ? {} : { [occlusion]: options.occlusion_detection_enabled }),
  };
}

export type LipsyncFacts = {
  seconds: number;
  width: number;
  height: number;
  videoBytes: number;
  audioBytes: number;
};

type Limits = {
  seconds: [number, number];
  side: [number, number];
  videoBytes: number;
  audioBytes: number;
};

/** What models document that they refuse. */
const limitsOf: Record<string, Limits> = {
  'kwaivgi/kling-lip-sync': { seconds: [2, 10], side: [720, 1920], videoBytes: 100e6, audioBytes: 5e6 },
};

/** Why a model would refuse these inputs, found before anything is sent; null when it would not. */
export function limitProblem(model: string, facts: LipsyncFacts): AppError | null {
  const limits = limitsOf[model.split(':')[0] ?? model];
  if (limits === undefined) return null;
  const [shortest, longest] = limits.seconds;
  const [least, most] = limits.side;
  const problems = [
    ...(facts.seconds < shortest || facts.seconds > longest
      ? [`clips of ${shortest} to ${longest} seconds (this one has ${facts.seconds.toFixed(2)})`]
      : []),
    ...(Math.min(facts.width, facts.height) < least || Math.max(facts.width, facts.height) > most
      ? [`pictures of ${least} to ${most} pixels a side (these have ${facts.width}×${facts.height})`]
      : []),
    ...(facts.videoBytes >= limits.videoBytes ? [`clips under ${limits.videoBytes / 1e6} MB`] : []),
    ...(facts.audioBytes >= limits.audioBytes ? [`sound under ${limits.audioBytes / 1e6} MB`] : []),
  ];
  if (problems.length === 0) return null;
  const what = `${model} takes only ${problems.join(' and ')}.`;
  return unfitRequest('replicate', what, 'Trim the clip, or use another model or provider.');
}
