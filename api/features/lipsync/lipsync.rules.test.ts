import { describe, expect, test } from 'bun:test';
import * as v from 'valibot';
import { LipsyncOptionsSchema } from '../../contract/lipsync.schema';
import { someTake } from '../../library/takes.fixture';
import type { TakeRow } from '../../library/takes.rules';
import { optionsFromQuery, optionsOf, unsyncedParent } from './lipsync.rules';
import { nearestFormat } from './standalone-lipsync.rules';

const take = (id: string, kind: TakeRow['kind'], parentId: string | null) => someTake({ id, kind, parentId });

describe('unsyncedParent', () => {
  const original = take('original', 'original', null);
  const trimmed = take('trimmed', 'trimmed', 'original');
  const synced = take('synced', 'lipsynced', 'trimmed');
  const again = take('again', 'lipsynced', 'synced');

  test('is the clip itself when it was never synced', () => {
    expect(unsyncedParent(trimmed, [original, trimmed])?.id).toBe('trimmed');
  });

  test('goes back past every lip-sync', () => {
    expect(unsyncedParent(again, [original, trimmed, synced, again])?.id).toBe('trimmed');
  });

  test('is null when the chain is broken or runs in a circle', () => {
    expect(unsyncedParent(again, [again])).toBeNull();
    expect(
      unsyncedParent(take('a', 'lipsynced', 'b'), [take('a', 'lipsynced', 'b'), take('b', 'lipsynced', 'a')]),
    ).toBeNull();
  });
});

describe('optionsFromQuery', () => {
  test('reads numbers and truth values', () => {
    expect(
      optionsFromQuery({
        temperature: '0.8',
        active_speaker_detection: 'true',
        occlusion_detection_enabled: '0',
      }),
    ).toEqual({ temperature: 0.8, active_speaker_detection: true, occlusion_detection_enabled: false });
  });

  test('leaves what it cannot read to the schema, which names it', () => {
    for (const query of [
      { temperature: 'hot' },
      { temperature: 'NaN' },
      { temperature: '1.5' },
      { active_speaker_detection: 'maybe' },
      { wobble: '1' },
    ]) {
      const parsed = v.safeParse(LipsyncOptionsSchema, optionsFromQuery(query));
      expect(parsed.success).toBe(false);
      expect(parsed.issues?.map((issue) => v.getDotPath(issue))).toEqual(Object.keys(query));
    }
  });
});

test('the body’s options win over those of the query; one that is null leaves the query’s', () => {
  const query = { temperature: '0.8', active_speaker_detection: 'true' };
  expect(optionsOf(query, { temperature: 0.2, active_speaker_detection: null, model: null })).toEqual({
    temperature: 0.2,
    active_speaker_detection: true,
    model: null,
  });
});

describe('nearestFormat', () => {
  const at = (displayWidth: number, displayHeight: number, fps: number) =>
    nearestFormat({ displayWidth, displayHeight, fps });

  test('keeps a format that a project can have', () => {
    expect(at(720, 1280, 25)).toEqual({ width: 720, height: 1280, fps: 25 });
  });

  test('takes the frame rate that drops or doubles the fewest frames', () => {
    expect(at(1280, 720, 23.976).fps).toBe(24);
    expect(at(1280, 720, 29.97).fps).toBe(30);
    expect(at(1280, 720, 50).fps).toBe(25);
    expect(at(1280, 720, 60).fps).toBe(30);
  });

  test('makes sizes even and brings them within bounds', () => {
    expect(at(641, 361, 25)).toEqual({ width: 642, height: 362, fps: 25 });
    expect(at(7680, 4320, 25)).toEqual({ width: 4096, height: 2304, fps: 25 });
    expect(at(64, 48, 25)).toEqual({ width: 170, height: 128, fps: 25 });
  });
});
