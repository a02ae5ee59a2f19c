import { describe, expect, test } from 'bun:test';
import { askedLipsyncOptions, type LipsyncOptions } from '../../contract/lipsync.schema';
import { ignoredOptions } from '../ignored-options';
import { recordedModels } from '../replicate/model-fields';
import {
  honouredOptions,
  limitProblem,
  lipsyncInput,
  mediaFields,
} from '../replicate/replicate-lipsync.rules';
import { generateBody } from '../sync/sync-lipsync.rules';

const options: LipsyncOptions = {
  temperature: 0.7,
  active_speaker_detection: true,
  occlusion_detection_enabled: true,
  speaker: { x: 0.5, y: 0.25 },
};
const plain: LipsyncOptions = {
  temperature: 0.5,
  active_speaker_detection: false,
  occlusion_detection_enabled: false,
};
const fieldsOf = (model: string) => recordedModels.models[model] ?? {};
const urls = { videoUrl: 'https://r/v', audioUrl: 'https://r/a' };

describe('options', () => {
  test('only what differs from the usual was asked for', () => {
    expect(askedLipsyncOptions(plain)).toEqual([]);
    expect(askedLipsyncOptions(options).join()).toBe(
      'temperature,active_speaker_detection,occlusion_detection_enabled,speaker',
    );
  });

  test.each([
    ['sync/lipsync-2-pro', ['occlusion_detection_enabled', 'speaker']],
    [
      'kwaivgi/kling-lip-sync',
      ['temperature', 'active_speaker_detection', 'occlusion_detection_enabled', 'speaker'],
    ],
  ])('%s: what it has no fields for is named', (model, ignored) => {
    expect(ignoredOptions(askedLipsyncOptions(options), honouredOptions(fieldsOf(model)))).toEqual(ignored);
  });
});

describe('inputs of Replicate’s models', () => {
  const input = (model: string, given = options) => {
    const fields = fieldsOf(model);
    const media = mediaFields(fields);
    if (media === null) throw new Error('no media fields');
    return lipsyncInput(fields, { ...media, ...urls }, given);
  };

  test('have the fields of the model and no others', () => {
    expect(input('sync/lipsync-2-pro')).toEqual({
      video: 'https://r/v',
      audio: 'https://r/a',
      sync_mode: 'cut_off',
      temperature: 0.7,
      active_speaker: true,
    });
    expect(input('kwaivgi/kling-lip-sync')).toEqual({ video_url: 'https://r/v', audio_file: 'https://r/a' });
    expect(input('heygen/lipsync-precision')).toMatchObject({ enable_dynamic_duration: false });
    expect(input('sync/lipsync-2-pro', plain)).toMatchObject({ active_speaker: false });
  });

  test('a model without clip or sound is none', () => {
    expect(mediaFields(fieldsOf('google/imagen-4'))).toBeNull();
  });

  test('kling’s limits are met before anything is paid', () => {
    const fits = { seconds: 5, width: 1280, height: 720, videoBytes: 1e6, audioBytes: 1e6 };
    const problem = (change: Partial<typeof fits>) =>
      limitProblem('kwaivgi/kling-lip-sync', { ...fits, ...change });
    expect(problem({})).toBeNull();
    expect(problem({ seconds: 1.9 })?.message).toContain('2 to 10 seconds');
    expect(problem({ seconds: 11 })).toMatchObject({ status: 422, details: { charged: 'no' } });
    expect(problem({ height: 480 })?.message).toContain('720 to 1920 pixels');
    expect(problem({ width: 2560 })?.message).toContain('2560×720');
    expect(problem({ videoBytes: 1e8 })?.message).toContain('100 MB');
    expect(problem({ audioBytes: 5e6 })?.message).toContain('5 MB');
    expect(limitProblem('sync/lipsync-2-pro', { ...fits, seconds: 100 })).toBeNull();
  });
});

describe('the body for sync.so', () => {
  const of = { model: 'lipsync-2-pro', videoAssetId: 'v', audioAssetId: 'a', webhookUrl: null };
  const body = (given: LipsyncOptions, webhookUrl: string | null = null) =>
    generateBody({ ...of, webhookUrl, request: { options: given, width: 1920, height: 1080 } });

  test('names the speaker by a point in pixels', () => {
    expect(body(options)).toEqual({
      model: 'lipsync-2-pro',
      input: [
        { type: 'video', assetId: 'v' },
        { type: 'audio', assetId: 'a' },
      ],
      options: {
        sync_mode: 'cut_off',
        temperature: 0.7,
        occlusion_detection_enabled: true,
        active_speaker_detection: { frame_number: 0, coordinates: [960, 270] },
      },
    });
  });

  test('lets the speaker be found, or says that nobody is to be looked for', () => {
    const { speaker: _, ...found } = options;
    expect(body(found)).toMatchObject({ options: { active_speaker_detection: { auto_detect: true } } });
    expect(body(plain, 'https://studio.example/hook')).toMatchObject({
      webhookUrl: 'https://studio.example/hook',
      options: { active_speaker_detection: { auto_detect: false } },
    });
  });

  test('a point at the edge is still in the picture', () => {
    expect(body({ ...plain, speaker: { x: 1, y: 1 } })).toMatchObject({
      options: { active_speaker_detection: { coordinates: [1919, 1079] } },
    });
  });
});
