import { describe, expect, test } from 'bun:test';
import { moved } from '#lib/edit/scenes/scene-order.rules.ts';
import {
  type Change,
  conflictOf,
  dropped,
  emptyStack,
  inverse,
  MOST_CHANGES,
  type ProjectState,
  pushed,
  redone,
  undone,
} from './history.rules.ts';

const order: Change = { kind: 'order', before: ['a', 'b'], after: ['b', 'a'] };
const text: Change = { kind: 'text', sceneId: 'a', before: 'old', after: 'new' };
const take: Change = { kind: 'take', what: 'choice', sceneId: 'a', before: '1', after: '2' };

const trim: Change = {
  kind: 'window',
  sceneId: 'a',
  before: { inFrame: 0, slotFrames: 60 },
  after: { inFrame: 10, slotFrames: 40 },
};

function project(
  scenes: { id: string; prompt?: string; take?: string; busy?: boolean; cut?: [number, number] }[],
): ProjectState {
  return {
    scenes: scenes.map((scene) => ({
      id: scene.id,
      prompt: scene.prompt ?? '',
      currentTake: scene.take === undefined ? null : { id: scene.take },
      window: { inFrame: scene.cut?.[0] ?? 0 },
      slotFrames: scene.cut?.[1] ?? null,
      activeJob: scene.busy ? {} : null,
    })),
  };
}

describe('history', () => {
  test('undo and redo walk over the same changes; a new one forgets what was undone', () => {
    const two = pushed(pushed(emptyStack, order), text);
    const one = undone(two);
    expect(one).toEqual({ past: [order], future: [text] });
    expect(redone(one)).toEqual(two);
    expect(pushed(one, take)).toEqual({ past: [order, take], future: [] });
    expect(undone(emptyStack)).toEqual(emptyStack);
    expect(redone(emptyStack)).toEqual(emptyStack);
  });

  test('keeps a bounded number of changes', () => {
    let stack = emptyStack;
    for (let count = 0; count < MOST_CHANGES + 5; count++) stack = pushed(stack, text);
    expect(stack.past.length).toBe(MOST_CHANGES);
  });

  test('a change that can’t be applied any more is dropped from both sides', () => {
    expect(dropped({ past: [order, text], future: [take] }, text)).toEqual({ past: [order], future: [take] });
    expect(dropped({ past: [order], future: [take] }, take)).toEqual({ past: [order], future: [] });
  });

  test('is applied only where things are as the change left them', () => {
    expect(conflictOf(inverse(order), project([{ id: 'b' }, { id: 'a' }]))).toBeNull();
    expect(conflictOf(inverse(order), project([{ id: 'a' }, { id: 'b' }]))).toBe('changed');
    expect(conflictOf(inverse(order), project([{ id: 'b' }, { id: 'a' }, { id: 'c' }]))).toBe('changed');
    expect(conflictOf(inverse(text), project([{ id: 'a', prompt: 'new' }]))).toBeNull();
    expect(conflictOf(inverse(text), project([{ id: 'a', prompt: 'theirs' }]))).toBe('changed');
    expect(conflictOf(inverse(text), project([{ id: 'b' }]))).toBe('gone');
    expect(conflictOf(inverse(take), project([{ id: 'a', take: '2' }]))).toBeNull();
    expect(conflictOf(inverse(take), project([{ id: 'a', take: '2', busy: true }]))).toBe('busy');
    expect(conflictOf(inverse(take), project([{ id: 'a', take: '3' }]))).toBe('changed');
    expect(conflictOf(inverse(trim), project([{ id: 'a', cut: [10, 40], busy: true }]))).toBeNull();
    expect(conflictOf(inverse(trim), project([{ id: 'a', cut: [10, 41] }]))).toBe('changed');
  });
});

describe('moved', () => {
  test('puts an item at the place it is given, up or down, and no further than the ends', () => {
    expect(moved(['a', 'b', 'c', 'd'], 0, 2)).toEqual(['b', 'c', 'a', 'd']);
    expect(moved(['a', 'b', 'c', 'd'], 3, 1)).toEqual(['a', 'd', 'b', 'c']);
    expect(moved(['a', 'b'], 0, 9)).toEqual(['b', 'a']);
    expect(moved(['a', 'b'], 5, 0)).toEqual(['a', 'b']);
  });
});
