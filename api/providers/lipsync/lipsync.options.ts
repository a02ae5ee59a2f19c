import type { LipsyncOptions } from '../../contract/lipsync.schema';

const DEFAULT_TEMPERATURE = 0.5;

/** Options that somebody set: those that differ from what happens without them. */
export function askedLipsyncOptions(options: LipsyncOptions): string[] {
  return [
    ...(options.temperature === DEFAULT_TEMPERATURE ? [] : ['temperature']),
    ...(options.active_speaker_detection ? ['active_speaker_detection'] : []),
    ...(options.occlusion_detection_enabled ? ['occlusion_detection_enabled'] : []),
    ...(options.speaker === undefined ? [] : ['speaker']),
  ];
}
