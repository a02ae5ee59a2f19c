import type { ProviderChoice } from '#lib/edit/providers/provider-choice.svelte.ts';

/** How the lips are to move. Options that the chosen model does not have are left out of the request. */
export class LipsyncOptions {
  /** 0 restrained, 1 exaggerated. */
  temperature = $state(0.5);
  activeSpeaker = $state(false);
  occlusion = $state(false);
  readonly provider: ProviderChoice;

  constructor(provider: ProviderChoice) {
    this.provider = provider;
  }

  /** Sets them as they were in another lip-sync. */
  fill(made: {
    temperature: number;
    active_speaker_detection: boolean;
    occlusion_detection_enabled: boolean;
  }) {
    this.temperature = made.temperature;
    this.activeSpeaker = made.active_speaker_detection;
    this.occlusion = made.occlusion_detection_enabled;
  }

  get request() {
    return {
      temperature: this.temperature,
      active_speaker_detection: this.activeSpeaker && !this.provider.lacks('active_speaker_detection'),
      occlusion_detection_enabled: this.occlusion && !this.provider.lacks('occlusion_detection_enabled'),
    };
  }
}
