import * as v from 'valibot';
import {
  type AskedSceneLipsync,
  DEFAULT_TEMPERATURE,
  type LipsyncOptions,
  LipsyncOptionsSchema,
} from '../contract/lipsync.schema';
import { providerNames } from '../contract/provider.names';
import type { ProviderChoice } from '../contract/provider.schema';
import type { TakeRow } from './takes.rules';

/** How the lip-sync that a scene has was made. */
export type KeptLipsync = { options: LipsyncOptions; choice: ProviderChoice };

const MadeBySchema = v.object({
  /** Null: one that the studio does not know any more. */
  provider: v.fallback(v.nullable(v.picklist(providerNames)), null),
  model: v.string(),
  options: LipsyncOptionsSchema,
});

/** Null where there is none, or its record is of a kind that nobody reads any more. */
export function keptLipsync(take: Pick<TakeRow, 'kind' | 'madeBy'> | null): KeptLipsync | null {
  if (take?.kind !== 'lipsynced') return null;
  const { success, output } = v.safeParse(MadeBySchema, take.madeBy);
  if (!success) return null;
  const { provider, model, options } = output;
  return { options, choice: provider === null ? {} : { provider, model } };
}

/**
 * What a lip-sync is made with: what was asked for, and where that is left out what the scene's lip-sync was
 * made with; else the defaults. `speaker: null` takes the mark off.
 */
export function lipsyncToMake(asked: AskedSceneLipsync, kept: KeptLipsync | null): KeptLipsync {
  const { temperature, active_speaker_detection, occlusion_detection_enabled, provider, model } = asked;
  const before = kept?.options;
  const speaker = asked.speaker === undefined ? before?.speaker : (asked.speaker ?? undefined);
  return {
    options: {
      temperature: temperature ?? before?.temperature ?? DEFAULT_TEMPERATURE,
      active_speaker_detection: active_speaker_detection ?? before?.active_speaker_detection ?? false,
      occlusion_detection_enabled:
        occlusion_detection_enabled ?? before?.occlusion_detection_enabled ?? false,
      ...(speaker === undefined ? {} : { speaker }),
    },
    choice: provider === undefined && model === undefined ? (kept?.choice ?? {}) : { provider, model },
  };
}
