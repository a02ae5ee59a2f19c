import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase } from '../../db/test-database';
import { readConfig } from '../config';
import type { ErrorBody } from '../contract/error.schema';
import type { Job } from '../contract/job.schema';
import type { FinalVideo, Project } from '../contract/project.schema';
import type { Scene } from '../contract/scene.schema';
import { type Studio, startStudio } from '../main';
import type { StudioOptions } from '../services.types';

/** A studio of its own: real Postgres, real S3 protocol, real ffmpeg, a free port, an empty data directory. */
export type TestStudio = {
  studio: Studio;
  api: ApiClient;
  dataDirectory: string;
  databaseUrl: string;
  stop(): Promise<void>;
};

export async function startTestStudio(
  settings: Record<string, string> = {},
  options: StudioOptions = {},
): Promise<TestStudio> {
  const database = await createTestDatabase();
  const dataDirectory = await mkdtemp(join(tmpdir(), 'songreel-studio-'));
  const studio = await startStudio(
    readConfig({
      DATABASE_URL: database.url,
      DATA_DIR: dataDirectory,
      PORT: '0',
      LOG_LEVEL: 'silent',
      // It would be at work while something else is tested.
      PREPARE_SAMPLE: 'false',
      ...settings,
    }),
    options,
  );
  return {
    studio,
    api: createApiClient(`${studio.url}/api/mv`, settings['API_TOKENS']?.split(',')[0]),
    dataDirectory,
    databaseUrl: database.url,
    async stop() {
      await studio.stop();
      await database.drop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

export type Answer<Body> = { status: number; headers: Headers; body: Body };
export type ApiClient = ReturnType<typeof createApiClient>;

/** The REST API as a program uses it, with its token where it has one. */
export function createApiClient(base: string, token?: string) {
  async function call<Body>(method: string, path: string, init: RequestInit = {}): Promise<Answer<Body>> {
    const headers = new Headers(init.headers);
    if (token !== undefined && !headers.has('Authorization')) headers.set('Authorization', `Bearer ${token}`);
    const response = await fetch(`${base}${path}`, { method, ...init, headers });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? null : JSON.parse(text),
    };
  }
  const json = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const form = async (path: string, name: string): Promise<RequestInit> => {
    const data = new FormData();
    data.set('file', new File([await Bun.file(path).arrayBuffer()], name));
    return { body: data };
  };

  return {
    base,
    call,
    json,
    form,
    /** The bytes behind a URL that an answer holds: a path of the studio. */
    media: (url: string | null | undefined, init: RequestInit = {}) => fetch(new URL(url ?? '', base), init),

    async createProject(fields: Record<string, unknown> = {}): Promise<Project> {
      const answer = await call<Project>('POST', '/projects', json({ title: 'Test', ...fields }));
      return expectStatus(answer, 201);
    },
    async project(id: string): Promise<Project> {
      return expectStatus(await call<Project>('GET', `/projects/${id}`), 200);
    },
    async addScene(projectId: string, fields: Record<string, unknown> = {}): Promise<Scene> {
      return expectStatus(await call<Scene>('POST', `/projects/${projectId}/scenes`, json(fields)), 201);
    },
    async uploadSong(projectId: string, path: string, name = 'song.wav'): Promise<Project> {
      const answer = await call<Project>('PUT', `/projects/${projectId}/audio`, await form(path, name));
      return expectStatus(answer, 200);
    },
    async uploadClip(projectId: string, sequence: number, path: string, name = 'clip.mp4'): Promise<Scene> {
      const answer = await call<Scene>(
        'POST',
        `/projects/${projectId}/scenes/${sequence}/upload_video`,
        await form(path, name),
      );
      return expectStatus(answer, 200);
    },
    async trim(projectId: string, sequence: number, trim: Record<string, number>): Promise<Scene> {
      const answer = await call<Scene>('POST', `/projects/${projectId}/scenes/${sequence}/trim`, json(trim));
      return expectStatus(answer, 200);
    },
    async compose(projectId: string): Promise<FinalVideo> {
      return expectStatus(await call<FinalVideo>('POST', `/projects/${projectId}/compose`), 200);
    },
    async job(jobId: string): Promise<Job> {
      return expectStatus(await call<Job>('GET', `/jobs/${jobId}`), 200);
    },
    async refused(method: string, path: string, init: RequestInit = {}) {
      return call<ErrorBody>(method, path, init);
    },
  };
}

/** The body of an answer that must have a status; otherwise an error that shows what came. */
export function expectStatus<Body>(answer: Answer<Body>, status: number): Body {
  if (answer.status !== status) {
    throw new Error(`Expected ${status}, got ${answer.status}: ${JSON.stringify(answer.body)}`);
  }
  return answer.body;
}
