import { basename } from 'node:path';
import { hc } from 'hono/client';
import * as v from 'valibot';
import type { AppType } from '../../api/app';
import type { Format } from '../../api/contract/format.schema';
import type { Project } from '../../api/contract/project.schema';
import type { Studio } from '../../api/main';
import { RelayedError } from '../../api/shared/errors';
import type { Material } from './prepare-material';
import type { StepReporter } from './step-reporter';

/** The body of an answer, or the API's own error. */
async function body(response: {
  ok: boolean;
  status: number;
  text(): Promise<string>;
}): Promise<Record<string, unknown>> {
  const answer = v.parse(v.record(v.string(), v.unknown()), JSON.parse(await response.text()));
  if (response.ok) return answer;
  throw new RelayedError({
    code: String(answer['error']),
    status: response.status,
    message: String(answer['message']),
    retryable: false,
  });
}

/** The whole main job over the REST API, as any program would do it. */
export async function runMainJob(
  studio: Studio,
  material: Material,
  format: Format,
  reporter: StepReporter,
): Promise<Project> {
  const api = hc<AppType>(studio.url ?? '').api.mv;
  const calls = api.projects[':projectId'];

  /** The bare bytes of a file as a call's body. */
  const bytesOf = (file: string) => ({ init: { body: Bun.file(file) } });
  const read = async (projectId: string): Promise<Project> => {
    const response = await calls.$get({ param: { projectId } });
    if (!response.ok) throw new Error(`The project can't be read: ${response.status}`);
    return response.json();
  };

  const project = await reporter.step('Create a project', async () => {
    const response = await api.projects.$post({
      json: {
        title: 'Songreel demo',
        concept: 'A singer on a small stage, the city outside, one song.',
        format,
      },
    });
    return response.json();
  });
  const { id } = project;
  const param = { projectId: id };

  const scene = calls.scenes[':sequence'];

  await reporter.step('Upload the song', async () =>
    body(
      await calls.audio.$put({ param, query: { filename: basename(material.song) } }, bytesOf(material.song)),
    ),
  );
  const scenes = [
    { prompt: 'Night city skyline, slow pan', clip: material.skyline },
    { prompt: 'The singer, close up', clip: material.singer },
    { prompt: 'A microphone on an empty stage', clip: material.stage },
  ];
  for (const [index, { prompt, clip }] of scenes.entries()) {
    const sequence = index + 1;
    await reporter.step(
      `Add scene ${sequence} with its clip`,
      async () => {
        await body(await calls.scenes.$post({ param, json: { prompt } }));
        const at = { ...param, sequence: String(sequence) };
        const named = { param: at, query: { filename: basename(clip) } };
        return body(await scene.upload_video.$post(named, bytesOf(clip)));
      },
      (answer) => `${answer['frames']} frames`,
    );
  }
  const second = { ...param, sequence: '2' };
  await reporter.step('Give scene 2 its image', async () => {
    const named = { param: second, query: { filename: basename(material.storyboard) } };
    return body(await scene.upload_image.$post(named, bytesOf(material.storyboard)));
  });
  await reporter.step(
    'Trim scene 1 to 0.5–3.3 s',
    async () =>
      body(
        await scene.trim.$post({
          param: { ...param, sequence: '1' },
          json: { in: 0.5, out: 3.3 },
        }),
      ),
    (answer) => `${answer['frames']} frames`,
  );
  await reporter.step(
    'Lip-sync scene 2 to its slice of the song',
    async () => body(await calls.lipsync[':sequence'].$post({ param: second, json: { temperature: 0.6 } })),
    (answer) => {
      const { start, end } = Object(answer['audioSegment']);
      return `${Number(start).toFixed(2)}–${Number(end).toFixed(2)} s of the song`;
    },
  );
  await reporter.step('Compose the video', async () => body(await calls.compose.$post({ param })));
  return read(id);
}
