import { describe, expect, test } from 'bun:test';
import * as v from 'valibot';
import { settings } from '../../config';
import { createPrices } from './prices';

describe('prices', () => {
  const estimate = createPrices();

  test('seconds are multiplied, images are not, local work is free', () => {
    expect(estimate({ provider: 'replicate', model: 'sync/lipsync-2-pro', seconds: 5.2 })).toMatchObject({
      usd: 0.4329,
      unit: 'second',
      unitUsd: 0.08325,
      approximate: false,
    });
    expect(estimate({ provider: 'replicate', model: 'google/imagen-4', seconds: null })).toMatchObject({
      usd: 0.04,
      unit: 'image',
    });
    expect(estimate({ provider: 'local', model: 'anything', seconds: 60 })).toMatchObject({
      usd: 0,
      unit: 'free',
    });
  });

  test('a model without a price has none, rather than nothing to pay', () => {
    expect(estimate({ provider: 'sync', model: 'lipsync-9', seconds: 5 })).toMatchObject({
      usd: null,
      unitUsd: null,
    });
  });

  test('every model that is a default has a price', () => {
    const models = [
      ['replicate', settings.REPLICATE_LIPSYNC_MODEL],
      ['replicate', settings.REPLICATE_IMAGE_MODEL],
      ['replicate', settings.REPLICATE_VIDEO_MODEL],
      ['sync', settings.SYNC_MODEL],
    ] as const;
    for (const [provider, setting] of models) {
      const model = v.getDefault(setting.schema) ?? '';
      expect([model, estimate({ provider, model, seconds: 1 }).usd]).toEqual([model, expect.any(Number)]);
    }
  });

  test('a damaged list is refused when it is read', () => {
    expect(() => createPrices({ asOf: 'yesterday', models: {} })).toThrow();
  });
});
