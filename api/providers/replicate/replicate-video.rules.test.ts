import { describe, expect, test } from 'bun:test';
import { inputProblem } from '../../test/doubles/replicate/replicate.schemas';
import { recordedModels } from './model-fields';
import {
  chooseResolution,
  ignoredVideoOptions,
  paidLength,
  usedPictures,
  videoInput,
} from './replicate-video.rules';

const fieldsOf = (model: string) => recordedModels.models[model] ?? {};
const request = {
  prompt: 'rain',
  negativePrompt: 'snow',
  seed: 7,
  width: 1920,
  height: 1080,
  imagePath: '/a.png',
  lastImagePath: '/b.png',
  references: [{ path: '/r.png', contentType: 'image/png' }],
};
const urls = { image: 'https://r/a', lastImage: 'https://r/b', references: [] };
const models = [
  'google/veo-3.1',
  'google/veo-3.1-fast',
  'bytedance/seedance-1-pro',
  'kwaivgi/kling-v2.5-turbo-pro',
  'minimax/hailuo-02',
];

describe('clips by Replicate', () => {
  test.each([
    ['google/veo-3.1-fast', [4, 4, 6, 8, 8]],
    ['bytedance/seedance-1-pro', [2, 4, 5, 8, 12]],
    ['kwaivgi/kling-v2.5-turbo-pro', [5, 5, 5, 10, 10]],
    ['minimax/hailuo-02', [6, 6, 6, 10, 10]],
    ['somebody/unknown', [5, 5, 5, 10, 10]],
  ])('%s: the shortest length that covers the scene is paid', (model, paid) => {
    expect([1, 4, 4.04, 7.2, 13].map((needed) => paidLength(fieldsOf(model), needed))).toEqual(paid);
  });

  test('a length that is a hair too long by arithmetic is not paid twice', () => {
    expect(paidLength(fieldsOf('google/veo-3.1'), 4.0000001)).toBe(4);
  });

  test('the least resolution that has the project’s is taken', () => {
    const seedance = fieldsOf('bytedance/seedance-1-pro');
    expect(chooseResolution(seedance, 640, 360)).toBe('480p');
    expect(chooseResolution(seedance, 720, 1280)).toBe('720p');
    expect(chooseResolution(seedance, 3840, 2160)).toBe('1080p');
    expect(chooseResolution(fieldsOf('kwaivgi/kling-v2.5-turbo-pro'), 640, 360)).toBeNull();
  });

  test.each(models)('%s takes what is sent', (model) => {
    const fields = fieldsOf(model);
    const input = videoInput(fields, request, urls, paidLength(fields, 5), Math.random);
    expect(inputProblem(model, input)).toBeNull();
    expect(Object.keys(input).filter((name) => fields[name] === undefined)).toEqual([]);
    if (fields['generate_audio']) expect(input['generate_audio']).toBe(false);
    if (fields['resolution']) expect(input['resolution']).toBe('1080p');
    expect(input['duration']).toBeNumber();
  });

  test('what a model lacks is named', () => {
    const ignored = (model: string) => {
      const fields = fieldsOf(model);
      return ignoredVideoOptions(fields, request, usedPictures(fields, request, 8));
    };
    expect(ignored('bytedance/seedance-1-pro')).toEqual(['negativePrompt', 'references']);
    expect(ignored('kwaivgi/kling-v2.5-turbo-pro')).toEqual(['seed', 'references']);
    expect(ignored('google/veo-3.1-fast')).toEqual(['references']);
  });

  test('veo’s references are used only where they change no price', () => {
    const fields = fieldsOf('google/veo-3.1');
    const given = { ...request, imagePath: null };
    expect(usedPictures(fields, given, 8)).toMatchObject({ references: request.references, lastImage: null });
    expect(usedPictures(fields, given, 4)).toMatchObject({ references: [], lastImage: '/b.png' });
    expect(usedPictures(fields, { ...given, width: 1080, height: 1920 }, 8).references).toEqual([]);
  });

  test('a call without a file or seed of its own is marked', () => {
    const kling = fieldsOf('kwaivgi/kling-v2.5-turbo-pro');
    const none = { image: null, lastImage: null, references: [] };
    const marked = String(videoInput(kling, request, none, 5, Math.random)['prompt']);
    expect(marked).not.toBe('rain');
    expect(marked.trim()).toBe('rain');
    expect(videoInput(kling, request, urls, 5, Math.random)).toMatchObject({ prompt: 'rain' });
    const veo = videoInput(fieldsOf('google/veo-3.1'), { ...request, seed: null }, none, 4, Math.random);
    expect(veo).toMatchObject({ prompt: 'rain', seed: expect.any(Number) });
  });
});
