import { describe, expect, test } from 'bun:test';
import { fileKind, planFiles, type SceneRoom, sortFiles } from './plan-files.rules';

const file = (name: string, lastModified = 0, type = '') => ({ name, type, lastModified });
const scene = (id: string, has: Partial<SceneRoom> = {}): SceneRoom => ({
  id,
  hasClip: false,
  hasImage: false,
  busy: false,
  ...has,
});
const anywhere = { target: { at: 'project' }, order: 'name', mostScenes: 1000, leftover: 'scenes' } as const;
const where = (plan: ReturnType<typeof planFiles<ReturnType<typeof file>>>) =>
  Object.fromEntries(plan.fills.map((fill) => [fill.file.name, fill.sceneId]));
const names = (some: { file: { name: string } }[]) => some.map((one) => one.file.name);

describe('fileKind', () => {
  test('goes by the type, and by the ending where there is none', () => {
    expect(fileKind(file('a.bin', 0, 'video/mp4'))).toBe('clip');
    expect(fileKind(file('IMG_1.MOV'))).toBe('clip');
    expect(fileKind(file('a.jpeg'))).toBe('image');
    expect(fileKind(file('song.final.MP3'))).toBe('song');
    expect(fileKind(file('notes.txt', 0, 'text/plain'))).toBe('other');
    expect(fileKind(file('mp4'))).toBe('other');
    expect(fileKind(file('README'))).toBe('other');
  });
});

describe('sortFiles', () => {
  test('by name numbers count by their value; by time the oldest comes first', () => {
    const files = [file('shot 10', 1), file('Shot 2', 3), file('shot 1', 2)];
    expect(sortFiles(files, 'name').map(({ name }) => name)).toEqual(['shot 1', 'Shot 2', 'shot 10']);
    expect(sortFiles(files, 'time').map(({ name }) => name)).toEqual(['shot 10', 'shot 1', 'Shot 2']);
  });
});

describe('planFiles', () => {
  test('fills the scenes without a clip in order, then adds new ones at the end', () => {
    const scenes = [scene('a'), scene('b', { hasClip: true }), scene('c')];
    const plan = planFiles([file('3.mp4'), file('1.mp4'), file('2.mp4')], scenes, anywhere);
    expect(where(plan)).toEqual({ '1.mp4': 'a', '2.mp4': 'c' });
    expect(names(plan.added)).toEqual(['3.mp4']);
    expect(plan.addedAt).toBeNull();
    expect(plan.fills.every((fill) => !fill.replaces)).toBe(true);
  });

  test('a clip may fill a scene with an image; an image leaves it alone', () => {
    const scenes = [scene('a', { hasImage: true }), scene('b')];
    expect(where(planFiles([file('1.jpg'), file('2.mp4')], scenes, anywhere))).toEqual({
      '1.jpg': 'b',
      '2.mp4': 'a',
    });
  });

  test('leaves scenes alone that are being worked on', () => {
    const plan = planFiles([file('1.mp4')], [scene('a', { busy: true }), scene('b')], anywhere);
    expect(where(plan)).toEqual({ '1.mp4': 'b' });
    const on = { ...anywhere, target: { at: 'scene', sceneId: 'a' } } as const;
    const refused = planFiles([file('1.mp4')], [scene('a', { busy: true })], on).refused;
    expect(refused.map(({ why }) => why)).toEqual(['busy']);
  });

  test('on a scene: the first is for it even over a clip, the others go on behind it', () => {
    const scenes = [scene('a'), scene('b', { hasClip: true }), scene('c')];
    const on = { ...anywhere, target: { at: 'scene', sceneId: 'b' } } as const;
    const plan = planFiles([file('1.mp4'), file('2.mp4'), file('3.mp4')], scenes, on);
    expect(where(plan)).toEqual({ '1.mp4': 'b', '2.mp4': 'c' });
    expect(plan.fills.map((fill) => fill.replaces)).toEqual([true, false]);
    expect(names(plan.added)).toEqual(['3.mp4']);
  });

  test('between scenes: every file gets a new scene there', () => {
    const before = { ...anywhere, target: { at: 'before', sequence: 2 } } as const;
    const plan = planFiles([file('2.jpg'), file('1.mp4')], [scene('a'), scene('b')], before);
    expect(plan.fills).toEqual([]);
    expect(names(plan.added)).toEqual(['1.mp4', '2.jpg']);
    expect(plan.addedAt).toBe(2);
  });

  test('asks about one song; refuses a second, what is nothing, and what has no room', () => {
    const files = [file('a.mp3'), file('b.wav'), file('c.txt'), file('d.mp4'), file('e.mp4')];
    const plan = planFiles(files, [], { ...anywhere, mostScenes: 1 });
    expect(plan.song?.name).toBe('a.mp3');
    expect(names(plan.added)).toEqual(['d.mp4']);
    expect(plan.refused.map(({ file, why }) => `${file.name} ${why}`)).toEqual([
      'b.wav one-song',
      'c.txt unknown',
      'e.mp4 too-many-scenes',
    ]);
  });

  test('what is left over stays among the media, when that is wanted; what is put there stays there', () => {
    const files = [file('1.mp4'), file('2.jpg'), file('3.mp4')];
    const plan = planFiles(files, [scene('a')], { ...anywhere, leftover: 'media' });
    expect(where(plan)).toEqual({ '1.mp4': 'a' });
    expect([names(plan.media), names(plan.added)]).toEqual([['2.jpg', '3.mp4'], []]);
    const there = planFiles([...files, file('4.mp3')], [scene('a')], {
      ...anywhere,
      target: { at: 'media' },
    });
    expect([there.fills, names(there.media), there.song?.name]).toEqual([
      [],
      ['1.mp4', '2.jpg', '3.mp4'],
      '4.mp3',
    ]);
    const between = { ...anywhere, leftover: 'media', target: { at: 'before', sequence: 1 } } as const;
    expect(names(planFiles(files, [scene('a')], between).added).length).toBe(3);
  });

  test('nothing is lost: each of many files has exactly one place', () => {
    const scenes = Array.from({ length: 30 }, (_, index) =>
      scene(`s${index}`, { hasClip: index % 3 === 0, hasImage: index % 4 === 0, busy: index % 7 === 0 }),
    );
    const files = Array.from({ length: 60 }, (_, index) =>
      file(`${index}.${['mp4', 'jpg', 'mp3', 'txt', 'mov'][index % 5]}`),
    );
    const plan = planFiles(files, scenes, anywhere);
    const placed = [...names(plan.fills), ...names(plan.added), ...names(plan.refused)];
    if (plan.song !== null) placed.push(plan.song.name);
    expect(placed.sort()).toEqual(files.map(({ name }) => name).sort());
    expect(new Set(plan.fills.map((fill) => fill.sceneId)).size).toBe(plan.fills.length);
  });
});
