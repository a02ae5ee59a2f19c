import { describe, expect, test } from 'bun:test';
import { defaultWindow } from '../contract/window.schema';
import { describeChange, goesOn } from './timeline-change.rules';
import {
  compareSnapshots,
  type SceneSnapshot,
  type TimelineSnapshot,
  weighDifference,
} from './timeline-snapshot.rules';

const window = defaultWindow;

const scene = (id: string, over: Partial<SceneSnapshot> = {}): SceneSnapshot => ({
  id,
  slotFrames: 50,
  window,
  imageTakeId: null,
  originalTakeId: `${id}-original`,
  currentTakeId: `${id}-current`,
  lipsyncTakeId: null,
  prompt: id,
  negativePrompt: '',
  ...over,
});
const timeline = (scenes: SceneSnapshot[], over: Partial<TimelineSnapshot> = {}): TimelineSnapshot => ({
  songId: 'song',
  width: 320,
  height: 180,
  fps: 25,
  scenes,
  ...over,
});

const three = [scene('a'), scene('b'), scene('c')];
const [a, b, c] = [scene('a'), scene('b'), scene('c')];
const change = (after: SceneSnapshot[], over: Partial<TimelineSnapshot> = {}) =>
  describeChange(timeline(three), timeline(after, over));
const withB = (over: Partial<SceneSnapshot>) => change([a, scene('b', over), c]);

describe('describeChange', () => {
  test('names what was done to one scene', () => {
    const ofB = { sceneId: 'b', sequence: 2 };
    expect(withB({ prompt: 'rain' })).toEqual({ code: 'scene-words', ...ofB });
    expect(withB({ negativePrompt: 'rain' })).toEqual({ code: 'scene-words', ...ofB });
    expect(withB({ imageTakeId: 'new' })).toEqual({ code: 'scene-image', ...ofB });
    expect(withB({ originalTakeId: 'new', currentTakeId: 'new', slotFrames: 40 })).toEqual({
      code: 'scene-clip-replaced',
      ...ofB,
    });
    expect(withB({ lipsyncTakeId: 'new', currentTakeId: 'new' })).toEqual({ code: 'scene-lipsync', ...ofB });
    expect(withB({ slotFrames: 40, window: { ...window, inFrame: 5 } })).toEqual({
      code: 'scene-trimmed',
      ...ofB,
    });
    expect(withB({ slotFrames: 40, currentTakeId: 'cut' })).toEqual({ code: 'scene-length', ...ofB });
    expect(withB({ window: { ...window, inFrame: 5 } })).toEqual({ code: 'scene-slipped', ...ofB });
    expect(withB({ window: { ...window, speed: 0.5 } })).toEqual({ code: 'scene-speed', ...ofB });
    expect(withB({ window: { ...window, framing: { ...window.framing, mode: 'fit' } } })).toEqual({
      code: 'scene-framing',
      ...ofB,
    });
    expect(withB({ slotFrames: 80, window: null, currentTakeId: 'b-original' })).toEqual({
      code: 'scene-reverted',
      ...ofB,
    });
    const empty = scene('b', { originalTakeId: null, currentTakeId: null });
    expect(describeChange(timeline([a, empty]), timeline([a, b]))).toEqual({
      code: 'scene-clip-added',
      ...ofB,
    });
    const synced = scene('b', { lipsyncTakeId: 'sync', currentTakeId: 'sync' });
    expect(describeChange(timeline([a, synced]), timeline([a, b]))).toEqual({
      code: 'scene-lipsync-removed',
      ...ofB,
    });
  });

  test('names scenes that come, go and move', () => {
    const blank = scene('d', { originalTakeId: null, currentTakeId: null, prompt: '' });
    expect(change([a, b, c, blank])).toEqual({ code: 'scene-added', sceneId: 'd', sequence: 4 });
    expect(change([blank, a, b, c])).toEqual({ code: 'scene-added', sceneId: 'd', sequence: 1 });
    expect(change([a, b, scene('e', { prompt: 'b' }), c])).toMatchObject({
      code: 'scene-duplicated',
      sequence: 2,
    });
    expect(change([a, scene('b', { slotFrames: 20 }), scene('e', { slotFrames: 30 }), c])).toMatchObject({
      code: 'scene-split',
      sequence: 2,
    });
    expect(change([a, b, c, blank, scene('e')])).toEqual({ code: 'scenes-added', count: 2 });
    expect(change([a, c])).toEqual({ code: 'scene-deleted', sceneId: 'b', sequence: 2 });
    expect(change([c])).toEqual({ code: 'scenes-deleted', count: 2 });
    expect(change([b, c, a])).toEqual({ code: 'scene-moved', sceneId: 'a', sequence: 3 });
    expect(change([c, a, b])).toEqual({ code: 'scene-moved', sceneId: 'c', sequence: 1 });
    expect(change([c, b, a])).toEqual({ code: 'scenes-reordered' });
    expect(change([a, b, scene('x')])).toEqual({ code: 'timeline-changed' });
  });

  test('names what concerns several scenes or the project', () => {
    const [shorter, longer] = [scene('a', { slotFrames: 40 }), scene('b', { slotFrames: 60 })];
    expect(change([shorter, longer, c])).toMatchObject({ code: 'cut-moved', sequence: 1 });
    expect(change([shorter, b, scene('c', { slotFrames: 60 })])).toEqual({
      code: 'scenes-changed',
      count: 2,
    });
    expect(change(three, { songId: 'other' })).toEqual({ code: 'song-replaced' });
    expect(change(three, { songId: null })).toEqual({ code: 'song-removed' });
    expect(describeChange(timeline([], { songId: null }), timeline([]))).toEqual({ code: 'song-added' });
    expect(change(three, { fps: 30 })).toEqual({ code: 'format-changed' });
  });

  test('leaves out what was only rendered meanwhile', () => {
    const rendered = scene('a', { currentTakeId: 'rendered' });
    expect(change([rendered, scene('b', { prompt: 'rain' }), c])).toMatchObject({
      code: 'scene-words',
      sequence: 2,
    });
  });

  test('words of one scene go on with words of the same', () => {
    const words = withB({ prompt: 'rain' });
    expect(goesOn(words, withB({ prompt: 'rain again' }))).toBe(true);
    expect(goesOn(words, change([scene('a', { prompt: 'x' }), b, c]))).toBe(false);
    expect(goesOn(withB({ slotFrames: 1 }), words)).toBe(false);
    expect(goesOn(null, words)).toBe(false);
  });
});

describe('weighDifference', () => {
  const weigh = (after: SceneSnapshot[], before = three) =>
    weighDifference(compareSnapshots(timeline(before), timeline(after)));

  test('a picture that was rendered for what was wanted is no step', () => {
    expect(weigh(three)).toBe('none');
    expect(weigh([a, scene('b', { currentTakeId: 'rendered' }), c])).toBe('render');
    expect(weigh([a, scene('b', { currentTakeId: 'rendered', window: null }), c])).toBe('step');
    expect(weigh([a, c, b])).toBe('step');
  });

  test('order of keys, and columns that one of them does not know yet, are no difference', () => {
    const { framing, ...rest } = window;
    const reordered = { framing, ...rest };
    expect(weigh([a, scene('b', { window: reordered }), c])).toBe('none');
    const { lipsyncTakeId: _, ...older } = scene('a', { lipsyncTakeId: 'some' });
    expect(weigh(three, [older, b, c])).toBe('none');
  });
});
