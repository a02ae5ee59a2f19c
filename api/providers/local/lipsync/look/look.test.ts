import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { MediaTools } from '../../../../media/media.types';
import { ffmpeg, sharedClip, testFolder, testTools } from '../../../../media/testing/tools';
import { playDemoBacking } from '../../../../sample/song/demo-song';
import { singerClip } from '../../../../test/test-media';
import { drawCard } from '../../image/card';
import { createFonts } from '../../image/fonts';
import { SPEECH_SAMPLE_RATE } from '../audio/audio.types';
import { decodeSound } from '../audio/sound.decoder';
import { lookForFaces } from './face.look';
import { localLooks } from './local.looks';
import { summarise } from './look.rules';
import { voiceOf } from './voice.look';

setDefaultTimeout(300_000);

let tools: MediaTools;
let folder: Awaited<ReturnType<typeof testFolder>>;
const { signal } = new AbortController();

beforeAll(async () => {
  tools = await testTools();
  folder = await testFolder();
});
afterAll(() => folder.remove());

const look = (path: string, clip: { width: number; height: number; fps: number; frames: number }) =>
  lookForFaces({ at: 'faces', ffmpegPath: tools.ffmpegPath, path, ...clip }, signal);

/** Speakers of the shared clips, by size: their faces are 109 to 146 pixels high. */
const speakers = [
  ['speaker-04', 224, 224, 250],
  ['speaker-05', 256, 256, 250],
  ['speaker-14', 360, 288, 75],
  ['speaker-17', 360, 288, 75],
  ['speaker-19', 360, 288, 75],
] as const;

describe('faces', () => {
  test.each(speakers)('a real one is found: %s', async (name, width, height, frames) => {
    const path = sharedClip(`talking/${name}.mp4`);
    if (path === null) {
      console.log(`Skipped: ../shared/clips/talking/${name}.mp4 is not there.`);
      return;
    }
    const faces = await look(path, { width, height, fps: 25, frames });
    expect(faces).toMatchObject({ result: 'found', count: 1 });
    expect(faces.seen.length).toBeGreaterThanOrEqual(5);
    expect(faces.middle?.x).toBeWithin(0.4, 0.6);
  });

  test('a drawn one is found, with its middle inside its box', async () => {
    const faces = await look(await singerClip(), { width: 640, height: 360, fps: 25, frames: 50 });
    expect(faces.result).toBe('found');
    const box = faces.seen.find((picture) => picture.faces.length > 0)?.faces[0];
    expect(faces.middle?.x).toBeWithin(box?.x ?? 1, (box?.x ?? 0) + (box?.width ?? 0));
    expect(faces.middle?.y).toBeWithin(box?.y ?? 1, (box?.y ?? 0) + (box?.height ?? 0));
  });

  test.each(['A mountain lake at dawn', 'A desert with dunes under a red sun', 'A forest in the fog'])(
    'none in a drawn landscape: %s',
    async (prompt) => {
      const size = { width: 640, height: 360 };
      const card = drawCard(
        { ...size, prompt, negativePrompt: '', title: '', sequence: 1, seed: 1, cast: [], plain: true },
        createFonts(),
        () => undefined,
      );
      const [picture, clip] = [folder.path('card.png'), folder.path('card.mp4')];
      await Bun.write(picture, await card.encode('png'));
      await ffmpeg(tools, [
        ...['-loop', '1', '-i', picture, '-frames:v', '25', '-r', '25', '-pix_fmt', 'yuv420p'],
        ...['-c:v', 'libx264', '-preset', 'ultrafast', clip],
      ]);
      const faces = await look(clip, { ...size, fps: 25, frames: 25 });
      expect(faces.count).toBe(0);
      expect(faces.result).toBe('none');
    },
  );

  test('something that was nearly one leaves it open', () => {
    const clip = { width: 100, height: 100 };
    const seen = [{ frame: 0, faces: [] }];
    expect(summarise(seen, { ...clip, doubts: 1 }).result).toBe('unknown');
    expect(summarise(seen, { ...clip, doubts: 0 }).result).toBe('none');
  });
});

describe('a voice', () => {
  const seconds = 4;
  const lasting = (stretches: readonly (readonly [number, number])[]) =>
    stretches.reduce((sum, [from, to]) => sum + to - from, 0) / 100;

  test('none in silence', () => {
    const silence = voiceOf(new Float32Array(seconds * SPEECH_SAMPLE_RATE));
    expect(silence).toEqual({ phrases: [], possible: [] });
  });

  test('none in the instruments before the demo’s singer begins', () => {
    const { left, right } = playDemoBacking({ seconds });
    const third = Float32Array.from({ length: Math.floor(left.length / 3) }, (_, i) => {
      const at = i * 3;
      return ((left[at] ?? 0) + (left[at + 1] ?? 0) + (left[at + 2] ?? 0) + (right[at] ?? 0)) / 4;
    });
    expect(lasting(voiceOf(third).phrases)).toBe(0);
  });

  test('in speech, and speech is possible wherever it is certain', async () => {
    const path = sharedClip('speech-9s.wav');
    if (path === null) {
      console.log('Skipped: ../shared/clips/speech-9s.wav is not there.');
      return;
    }
    const samples = await decodeSound(tools.ffmpegPath, path, {
      sampleRate: SPEECH_SAMPLE_RATE,
      mostSamples: seconds * SPEECH_SAMPLE_RATE,
      signal,
    });
    const { phrases, possible } = voiceOf(samples);
    expect(lasting(phrases)).toBeGreaterThan(seconds / 2);
    expect(lasting(possible)).toBeGreaterThanOrEqual(lasting(phrases));
  });
});

test('in a process of its own; a file that is no clip is an error of its own', async () => {
  const looks = localLooks(tools.ffmpegPath);
  const clip = { width: 640, height: 360, fps: 25, frames: 50 };
  expect(await looks.faces({ path: await singerClip(), ...clip }, signal)).toMatchObject({ result: 'found' });
  await Bun.write(folder.path('no.mp4'), 'no clip');
  expect(looks.faces({ path: folder.path('no.mp4'), ...clip }, signal)).rejects.toMatchObject({
    code: 'UnreadableVideo',
  });
});
