import { expect, test } from 'bun:test';
import { readConfig } from '../config';
import { createRegistries, namesOf, providerSettings, providers } from './provider.list';
import { stubSettings } from './test/stub.settings';

const tools = {
  fetch,
  paid: stubSettings,
  encoding: { ffmpegPath: '/usr/bin/ffmpeg', videoEncodeArguments: () => [] },
};
const registriesOf = (environment: Record<string, string>) =>
  createRegistries(
    providers.flatMap(({ name, switchOn }) => {
      const on = switchOn(readConfig(environment), tools);
      return on === null ? [] : [{ name, ...on }];
    }),
  );

test('the list has this machine first, then those that are paid by name', () => {
  const [first, ...paid] = providers.map(({ name }) => name);
  expect(first).toBe('local');
  expect(paid).toEqual(paid.toSorted());
  expect(paid).toContain('sync');
  expect(namesOf('lipsync')).toContain('sync');
  expect(namesOf('image')).not.toContain('sync');
});

test('the settings are those of all providers', () => {
  expect(Object.keys(providerSettings)).toEqual(providers.flatMap(({ settings }) => Object.keys(settings)));
});

test('the registry has those that are switched on', () => {
  const { lipsync } = registriesOf({ REPLICATE_API_TOKEN: 'r8' });
  expect(lipsync.names).toEqual(['local', 'replicate']);
  expect(lipsync.get('replicate')).toMatchObject({
    model: 'sync/lipsync-2-pro',
    options: ['temperature', 'active_speaker_detection'],
    usesThisMachine: false,
  });
  expect(() => lipsync.get('sync')).toThrow('"sync" is not switched on for lip-sync. Use local or replicate');
  expect(lipsync.list().map(({ name, model }) => `${name} ${model}`)).toEqual([
    ...['local songreel-local-1', 'replicate sync/lipsync-2-pro', 'replicate sync/lipsync-2'],
    'replicate kwaivgi/kling-lip-sync',
  ]);
  expect(lipsync.get('replicate', 'kwaivgi/kling-lip-sync').options).toEqual([]);
  expect(() => lipsync.get('replicate', 'some/model')).toThrow('"some/model" is not a model of Replicate');
  expect(lipsync.make('replicate', 'some/model').model).toBe('some/model');
});

test('who does not make a kind is not switched on for it', () => {
  const { image, video } = registriesOf({ SYNC_API_KEY: 'sk' });
  expect([image.names, video.names]).toEqual([['local'], ['local']]);
  expect(() => video.get('sync')).toThrow('"sync" is not switched on for clips. Use local');
});

test('an unknown default is refused by name', () => {
  expect(() => readConfig({ IMAGE_PROVIDER: 'sync' })).toThrow('IMAGE_PROVIDER must be local or replicate');
});
