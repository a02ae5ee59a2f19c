import { describe, expect, test } from 'bun:test';
import { keptLipsync, lipsyncToMake } from './kept-lipsync.rules';
import { someTake } from './takes.fixture';

const options = {
  temperature: 0.8,
  active_speaker_detection: true,
  occlusion_detection_enabled: false,
  speaker: { x: 0.2, y: 0.4 },
};
const synced = (madeBy: Record<string, unknown>) => someTake({ kind: 'lipsynced', madeBy });
const kept = keptLipsync(synced({ provider: 'sync', model: 'lipsync-2', report: {}, options }));

describe('how a lip-sync was made', () => {
  test('its options, marked face, provider and model', () => {
    expect(kept).toEqual({ options, choice: { provider: 'sync', model: 'lipsync-2' } });
  });
  test('a provider that is not known any more is left to the default', () => {
    expect(keptLipsync(synced({ provider: 'gone', model: 'x', options }))?.choice).toEqual({});
  });
  test('nothing of other takes, and of records that cannot be read', () => {
    expect(keptLipsync(null)).toBeNull();
    expect(keptLipsync(someTake({ madeBy: { provider: 'sync', model: 'x', options } }))).toBeNull();
    expect(keptLipsync(synced({ provider: 'sync', model: 'x', options: { temperature: 9 } }))).toBeNull();
  });
});

describe('what is made', () => {
  const defaults = { temperature: 0.5, active_speaker_detection: false, occlusion_detection_enabled: false };

  test('without a lip-sync before: what was asked for, else the defaults; null is as good as left out', () => {
    expect(lipsyncToMake({}, null)).toEqual({ options: defaults, choice: {} });
    expect(lipsyncToMake({ temperature: null, active_speaker_detection: null }, null).options).toEqual(
      defaults,
    );
    expect(lipsyncToMake({ temperature: 0.1, provider: 'replicate' }, null)).toEqual({
      options: { ...defaults, temperature: 0.1 },
      choice: { provider: 'replicate', model: undefined },
    });
  });
  test('again: all that was not asked for otherwise stays', () => {
    expect<typeof kept>(lipsyncToMake({}, kept)).toEqual(kept);
    expect(lipsyncToMake({ temperature: 0, active_speaker_detection: false }, kept)).toEqual({
      options: { ...options, temperature: 0, active_speaker_detection: false },
      choice: { provider: 'sync', model: 'lipsync-2' },
    });
  });
  test('another provider takes none of the model before it; null takes the mark off', () => {
    expect(lipsyncToMake({ provider: 'local' }, kept).choice).toEqual({
      provider: 'local',
      model: undefined,
    });
    expect(lipsyncToMake({ speaker: null }, kept).options.speaker).toBeUndefined();
    expect(lipsyncToMake({ speaker: { x: 1, y: 0 } }, kept).options.speaker).toEqual({ x: 1, y: 0 });
  });
});
