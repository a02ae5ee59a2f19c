import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { parse as parseDisposition } from 'content-disposition';
import * as v from 'valibot';
import { ExportListSchema } from '../../contract/export.schema';
import { startTestStudio, type TestStudio } from '../studio.harness';
import { plainClip } from '../test-media';

// A busy machine takes its time to start a database and to normalise clips.
setDefaultTimeout(120_000);

let studio: TestStudio;
let projectId = '';
beforeAll(async () => {
  studio = await startTestStudio();
  const format = { width: 640, height: 360, fps: 25 };
  projectId = (await studio.api.createProject({ title: 'Straße / "2"', format })).id;
  await studio.api.addScene(projectId, { prompt: 'A quay\nin the rain' });
});
afterAll(() => studio.stop());

const get = (path: string) => fetch(`${studio.studio.url}/api/mv/projects/${path}`);

test('without scenes or clips there is nothing to export, and it says what is missing', async () => {
  const empty = await studio.api.createProject({ title: 'Empty' });
  expect(await (await get(`${empty.id}/exports/edl`)).json()).toMatchObject({ error: 'ProjectHasNoScenes' });
  const answer = await get(`${projectId}/exports/edl`);
  expect([answer.status, await answer.json()]).toMatchObject([
    400,
    { error: 'ScenesWithoutVideo', details: { sequences: [1] } },
  ]);
});

test('every format is listed and can be had; its clips are the takes that are shown', async () => {
  await studio.api.uploadClip(
    projectId,
    1,
    await plainClip('export.mp4', { size: '640x360', rate: '25', seconds: 2 }),
  );
  const { formats } = v.parse(ExportListSchema, await (await get(`${projectId}/exports`)).json());
  expect(formats.map(({ id }) => id)).toEqual(['edl', 'otio']);
  const { scenes } = await studio.api.project(projectId);
  const file = scenes[0]?.currentTake?.s3Key.split('/').at(-1) ?? 'none';
  for (const format of formats) {
    const answer = await fetch(`${studio.studio.url}${format.url}`);
    expect(answer.headers.get('content-type')).toBe(format.contentType);
    const disposition = parseDisposition(answer.headers.get('content-disposition') ?? '');
    expect(disposition.type).toBe('attachment');
    expect(disposition.parameters['filename']).toEndWith(`.${format.id}`);
    expect(await answer.text()).toContain(file);
  }
});

test('a format that there isn’t names those that there are', async () => {
  const answer = await get(`${projectId}/exports/avi`);
  expect([answer.status, await answer.json()]).toMatchObject([
    404,
    { error: 'ExportFormatUnknown', message: 'There is no export format "avi". There are: edl, otio.' },
  ]);
  expect((await get('nothing/exports')).status).toBe(404);
});
