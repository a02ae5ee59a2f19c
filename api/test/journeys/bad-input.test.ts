import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import type { Project } from '../../contract/project.schema';
import { ffmpeg, testTools } from '../../media/testing/tools';
import { mediaFilesLeft } from '../../storage/media-files';
import { startTestStudio, type TestStudio } from '../studio.harness';
import { plainClip, songFile } from '../test-media';

// Real ffmpeg and the real engine take seconds, more of them on a busy machine.
setDefaultTimeout(120_000);

let studio: TestStudio;
let project: Project;
let clip: string;
let listener: ReturnType<typeof Bun.serve>;
let reached = 0;

beforeAll(async () => {
  studio = await startTestStudio({ MAX_UPLOAD_BYTES: '3000000' });
  project = await studio.api.createProject({ format: { width: 320, height: 180, fps: 25 } });
  clip = await plainClip('plain-25.mp4', { size: '320x180', rate: '25', seconds: 2 });
  await studio.api.uploadSong(project.id, await songFile());
  await studio.api.addScene(project.id);
  await studio.api.uploadClip(project.id, 1, clip);
  listener = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: () => {
      reached += 1;
      return new Response('secret');
    },
  });
});
afterAll(async () => {
  await listener.stop(true);
  await studio.stop();
});

const file = (name: string) => join(studio.dataDirectory, name);
const json = (body: unknown) => studio.api.json(body);

/** Status, code and message of a refusal. */
async function refusal(method: string, path: string, init: RequestInit = {}) {
  const { status, body } = await studio.api.refused(method, path, init);
  return { status, error: body.error, message: body.message };
}

async function uploadRefusal(path: string, name: string, where = '/scenes/1/upload_video', method = 'POST') {
  return refusal(method, `/projects/${project.id}${where}`, await studio.api.form(path, name));
}

describe('files that are no clip', () => {
  test('text named .mp4, an empty file, a picture, a sound', async () => {
    await Bun.write(file('text.mp4'), 'This is a shopping list.\n'.repeat(50));
    expect(await uploadRefusal(file('text.mp4'), 'text.mp4')).toMatchObject({ status: 415 });
    await Bun.write(file('empty.mp4'), '');
    const empty = await uploadRefusal(file('empty.mp4'), 'empty.mp4');
    expect(empty.status).toBe(400);
    expect(empty.message).toMatch(/empty/i);
    const sound = await uploadRefusal(await songFile(), 'clip.mp4');
    expect(sound).toMatchObject({ status: 415, error: 'NoVideo' });
    expect(sound.message).toContain('song');
    const tools = await testTools();
    await ffmpeg(tools, ['-i', clip, '-frames:v', '1', file('picture.png')]);
    expect(await uploadRefusal(file('picture.png'), 'clip.mp4')).toMatchObject({
      status: 415,
      error: 'NoVideo',
    });
  });

  test('text with the character NUL, in the body and in the query', async () => {
    const refused = { status: 400, error: 'BadText' };
    expect(await refusal('POST', '/projects', json({ title: 'a\0b' }))).toMatchObject(refused);
    expect(await refusal('GET', '/projects?search=a%00b')).toMatchObject(refused);
  });

  test('a video without a single frame', async () => {
    const tools = await testTools();
    await ffmpeg(tools, [
      '-f',
      'lavfi',
      '-i',
      'color=size=64x64:rate=25',
      '-frames:v',
      '0',
      file('none.mp4'),
    ]);
    const none = await uploadRefusal(file('none.mp4'), 'none.mp4');
    expect([400, 415, 422]).toContain(none.status);
    expect(none.message.length).toBeGreaterThan(20);
  });

  test('a playlist named .mp4 that points at another file: nothing of that file comes out', async () => {
    const playlist = `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://${clip}\n#EXT-X-ENDLIST\n`;
    await Bun.write(file('list.mp4'), playlist);
    const { currentTake } = (await studio.api.project(project.id)).scenes[0] ?? {};
    expect(await uploadRefusal(file('list.mp4'), 'list.mp4')).toMatchObject({ status: 415 });
    expect((await studio.api.project(project.id)).scenes[0]?.currentTake?.id).toBe(currentTake?.id ?? '');
    await Bun.write(file('concat.mp4'), `ffconcat version 1.0\nfile '${clip}'\n`);
    expect(await uploadRefusal(file('concat.mp4'), 'concat.mp4')).toMatchObject({ status: 415 });
  });

  test('a file over the limit, announced or not', async () => {
    const large = new Uint8Array(3_000_001);
    const path = `/projects/${project.id}/scenes/1/upload_video`;
    expect(await refusal('POST', path, { body: large })).toMatchObject({
      status: 413,
      error: 'FileTooLarge',
    });
    const pieces = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let sent = 0; sent < 4; sent++) controller.enqueue(new Uint8Array(1_000_000));
        controller.close();
      },
    });
    expect(await refusal('POST', path, { body: pieces })).toMatchObject({
      status: 413,
      error: 'FileTooLarge',
    });
  });

  test('no file at all', async () => {
    const path = `/projects/${project.id}/scenes/1/upload_video`;
    expect(await refusal('POST', path)).toMatchObject({ status: 400, error: 'NoFile' });
    const form = new FormData();
    form.set('title', 'no file');
    expect(await refusal('POST', path, { body: form })).toMatchObject({ status: 400, error: 'NoFile' });
    const damaged = {
      headers: { 'Content-Type': 'multipart/form-data; boundary=x' },
      body: '--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\nhalf',
    };
    expect(await refusal('POST', path, damaged)).toMatchObject({ status: 400, error: 'UploadBroken' });
  });

  test('a video without sound as the song, a clip as an image', async () => {
    const song = await uploadRefusal(clip, 'song.mp3', '/audio', 'PUT');
    expect(song).toMatchObject({ status: 415, error: 'NoSound' });
    expect(await uploadRefusal(clip, 'image.png', '/scenes/1/upload_image')).toMatchObject({ status: 415 });
  });

  test('nothing of all this stays on the disk', async () => {
    expect(await mediaFilesLeft(studio.studio.services.config.mediaRoot)).toEqual([]);
  });
});

describe('options of a lip-sync', () => {
  const cases: [unknown, RegExp][] = [
    [{ temperature: 1.5 }, /temperature.*at most 1/],
    [{ temperature: -0.1 }, /temperature.*at least 0/],
    [{ temperature: 'hot' }, /temperature.*number from 0/],
    [{ active_speaker_detection: 'yes' }, /active_speaker_detection.*true or false/],
    [{ occlusion_detection_enabled: 1 }, /occlusion_detection_enabled.*true or false/],
    [{ wobble: true }, /wobble.*no such field/],
  ];
  test.each(cases)('%j', async (options, message) => {
    const answer = await refusal('POST', `/projects/${project.id}/lipsync/1`, json(options));
    expect(answer).toMatchObject({ status: 400, error: 'BadRequest' });
    expect(answer.message).toMatch(message);
  });

  test('NaN can only come as text', async () => {
    const answer = await refusal('POST', `/projects/${project.id}/lipsync/1?temperature=NaN`);
    expect(answer).toMatchObject({ status: 400, error: 'BadRequest' });
    expect(answer.message).toContain('temperature');
  });

  test('malformed JSON', async () => {
    const answer = await refusal('POST', `/projects/${project.id}/lipsync/1`, { body: '{"temperature": ' });
    expect(answer).toMatchObject({ status: 400, error: 'BadJson' });
    const created = await refusal('POST', '/projects', {
      headers: { 'Content-Type': 'application/json' },
      body: '{',
    });
    expect(created).toMatchObject({ status: 400, error: 'BadJson' });
  });
});

describe('ids and numbers', () => {
  test('a project id that is none', async () => {
    const answer = await refusal('GET', '/projects/not-a-uuid');
    expect(answer).toMatchObject({ status: 404, error: 'ProjectNotFound' });
    expect(answer.message).toContain('not-a-uuid');
  });

  test.each(['0', '-1', '1000000000', '1.5', 'x', '2'])('scene %s', async (sequence) => {
    const answer = await refusal('POST', `/projects/${project.id}/lipsync/${sequence}`);
    expect(answer).toMatchObject({ status: 404, error: 'SceneNotFound' });
    expect(answer.message).toContain('numbered 1 to 1');
  });

  test('an unknown job, take and video', async () => {
    const id = '0198c2f1-6d7e-7c31-9b1a-3f5e2d4c6b7a';
    expect(await refusal('GET', `/jobs/${id}`)).toMatchObject({ status: 404, error: 'JobNotFound' });
    expect(await refusal('POST', `/jobs/x/cancel`)).toMatchObject({ status: 404, error: 'JobNotFound' });
    expect(await refusal('POST', `/projects/${project.id}/scenes/1/takes/${id}/select`)).toMatchObject({
      status: 404,
      error: 'TakeNotFound',
    });
    expect(await refusal('GET', `/get_video/${id}`)).toMatchObject({ status: 404, error: 'VideoNotFound' });
    expect(await refusal('GET', `/get_video/${id}?redirect=true`)).toMatchObject({
      status: 404,
      error: 'VideoNotFound',
    });
    expect(await refusal('GET', `/get_video/${id}?redirect=perhaps`)).toMatchObject({ status: 400 });
    for (const unknown of [id, 'x']) {
      const info = await studio.api.call('GET', `/get_video/${unknown}/info`);
      expect(info).toMatchObject({ status: 200, body: { id: unknown, exists: false } });
    }
  });

  test('an address that is none answers in JSON', async () => {
    expect(await refusal('GET', '/nowhere')).toMatchObject({ status: 404, error: 'NotFound' });
  });
});

describe('trim and order', () => {
  const trim = (body: unknown) => refusal('POST', `/projects/${project.id}/scenes/1/trim`, json(body));

  test('in at or behind out, outside the clip, half of it, mixed units', async () => {
    expect(await trim({ in: 1, out: 1 })).toMatchObject({ status: 400, error: 'BadTrim' });
    expect(await trim({ in: 1.5, out: 1 })).toMatchObject({ status: 400, error: 'BadTrim' });
    const outside = await trim({ in: 0, out: 2.04 });
    expect(outside).toMatchObject({ status: 400, error: 'BadTrim' });
    expect(outside.message).toContain('50 frames (2.000 s)');
    expect(await trim({ in: -1, out: 1 })).toMatchObject({ status: 400, error: 'BadRequest' });
    expect(await trim({ in: 0 })).toMatchObject({ status: 400, error: 'BadRequest' });
    expect(await trim({ in: 0, outFrame: 10 })).toMatchObject({ status: 400, error: 'BadRequest' });
    expect(await trim({ inFrame: 0.5, outFrame: 10 })).toMatchObject({ status: 400, error: 'BadRequest' });
  });

  test('a trim of a scene without a clip', async () => {
    await studio.api.addScene(project.id);
    const answer = await refusal('POST', `/projects/${project.id}/scenes/2/trim`, json({ in: 0, out: 1 }));
    expect(answer).toMatchObject({ status: 400, error: 'SceneHasNoVideo' });
  });

  test('an order that misses, repeats or invents a scene', async () => {
    const [first, second] = (await studio.api.project(project.id)).scenes.map((scene) => scene.id);
    const reorder = (sceneIds: unknown) =>
      refusal('PATCH', `/projects/${project.id}/scenes/reorder`, json({ sceneIds }));
    const missing = await reorder([first]);
    expect(missing).toMatchObject({ status: 400, error: 'BadOrder' });
    expect(missing.message).toContain(`missing ${second}`);
    expect(await reorder([first, first])).toMatchObject({ error: 'BadOrder' });
    expect(await reorder([first, second, 'x'])).toMatchObject({ error: 'BadOrder' });
    expect(await reorder('all')).toMatchObject({ status: 400, error: 'BadRequest' });
    const now = (await studio.api.project(project.id)).scenes.map((scene) => scene.id);
    expect(now).toEqual([first ?? '', second ?? '']);
  });

  test('composing with a scene that has no clip names it', async () => {
    const answer = await refusal('POST', `/projects/${project.id}/compose`);
    expect(answer).toMatchObject({ status: 400, error: 'ScenesWithoutVideo' });
    expect(answer.message).toContain('2');
  });
});

describe('POST /lipsync', () => {
  const send = (body: unknown) => refusal('POST', '/lipsync', json(body));

  test('needs exactly one video and one sound', async () => {
    expect(await send({})).toMatchObject({ status: 400, error: 'BadRequest' });
    const both = await send({
      video_url: 'https://a.example/a.mp4',
      video_id: project.id,
      audio_id: project.id,
    });
    expect(both.message).toContain('either video_url or video_id');
    const alone = await send({ video_id: project.id, audio_id: project.id, sequence: 1 });
    expect(alone.message).toContain('project_id and sequence go together');
    const times = await send({ video_id: project.id, audio_id: project.id, start_time: 3, end_time: 2 });
    expect(times.message).toContain('end_time must be later');
  });

  test('does not fetch from this machine, private networks or files', async () => {
    const audio_id = (await studio.api.project(project.id)).song?.id;
    for (const url of [
      `http://127.0.0.1:${listener.port}/a.mp4`,
      `http://localhost:${listener.port}/a.mp4`,
      'http://[::1]/a.mp4',
      'http://10.0.0.1/a.mp4',
      'http://192.168.1.1/a.mp4',
      'http://169.254.169.254/latest/meta-data',
      'http://0x7f000001/a.mp4',
      `file://${clip}`,
      'data:video/mp4;base64,AAAA',
      's3://bucket/a.mp4',
    ]) {
      expect({ url, ...(await send({ video_url: url, audio_id })) }).toMatchObject({
        status: 400,
        error: 'UrlNotAllowed',
      });
    }
    expect(reached).toBe(0);
  });
});

describe('projects and scenes', () => {
  test('what a project must look like', async () => {
    expect((await refusal('POST', '/projects', json({}))).message).toContain('title');
    expect((await refusal('POST', '/projects', json({ title: ' ' }))).message).toContain('needs a title');
    const format = { width: 1281, height: 720, fps: 25 };
    expect((await refusal('POST', '/projects', json({ title: 'x', format }))).message).toContain(
      'even number',
    );
    const rate = { width: 1280, height: 720, fps: 23 };
    expect((await refusal('POST', '/projects', json({ title: 'x', format: rate }))).message).toContain(
      '24, 25 or 30',
    );
    expect((await refusal('GET', '/projects?limit=no')).message).toContain('limit');
  });

  test('a format can’t change once clips were made for it', async () => {
    const format = { width: 640, height: 360, fps: 25 };
    const answer = await refusal('PATCH', `/projects/${project.id}`, json({ format }));
    expect(answer).toMatchObject({ status: 409, error: 'FormatInUse' });
  });

  test('a scene can’t stand behind a gap', async () => {
    const answer = await refusal('POST', `/projects/${project.id}/scenes`, json({ sequence: 9 }));
    expect(answer).toMatchObject({ status: 400, error: 'BadSequence' });
  });
});
