import { describe, expect, test } from 'bun:test';
import { inputProblem } from '../../test/doubles/replicate/replicate.schemas';
import { recordedModels } from './model-fields';
import { honouredImageOptions, imageInput, referenceCount } from './replicate-image.rules';

const fieldsOf = (model: string) => recordedModels.models[model] ?? {};
const request = { prompt: 'rain', negativePrompt: '', seed: null, width: 1280, height: 720 };
const models = [
  'google/imagen-4',
  'google/nano-banana-pro',
  'black-forest-labs/flux-1.1-pro',
  'black-forest-labs/flux-kontext-pro',
  'black-forest-labs/flux-schnell',
];

describe('images by Replicate', () => {
  test.each(models)('%s takes what is sent', (model) => {
    const fields = fieldsOf(model);
    const references = ['https://r/1', 'https://r/2'].slice(0, referenceCount(fields));
    const input = imageInput(fields, request, references, Math.random);
    expect(inputProblem(model, input)).toBeNull();
    expect(Object.keys(input).filter((name) => fields[name] === undefined)).toEqual([]);
    expect(input).toMatchObject({ aspect_ratio: '16:9', output_format: 'png' });
  });

  test('what changes the price is always said', () => {
    expect(imageInput(fieldsOf('google/nano-banana-pro'), request, [], Math.random)).toMatchObject({
      resolution: '2K',
    });
    expect(imageInput(fieldsOf('black-forest-labs/flux-schnell'), request, [], Math.random)).toMatchObject({
      num_outputs: 1,
    });
  });

  test('references go where the model has a place for them', () => {
    expect(models.map((model) => referenceCount(fieldsOf(model)))).toEqual([0, 14, 1, 1, 0]);
    expect(
      imageInput(fieldsOf('google/nano-banana-pro'), request, ['https://r/1'], Math.random),
    ).toMatchObject({
      image_input: ['https://r/1'],
      prompt: 'rain',
    });
    expect(honouredImageOptions(fieldsOf('google/imagen-4'))).toEqual([]);
    expect(honouredImageOptions(fieldsOf('black-forest-labs/flux-1.1-pro'))).toEqual(['seed', 'references']);
  });

  test('the nearest aspect ratio is taken', () => {
    const aspect = (width: number, height: number) =>
      imageInput(fieldsOf('google/imagen-4'), { ...request, width, height }, [], Math.random)['aspect_ratio'];
    expect([aspect(1080, 1920), aspect(1000, 1000), aspect(2560, 1080)]).toEqual(['9:16', '1:1', '16:9']);
  });

  test('a seed that was asked for is sent', () => {
    const input = imageInput(
      fieldsOf('black-forest-labs/flux-schnell'),
      { ...request, seed: 42 },
      [],
      Math.random,
    );
    expect(input).toMatchObject({ seed: 42 });
    expect(String(input['prompt']).trim()).toBe('rain');
  });
});
