import { type Context, Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import { type Project, ProjectSchema } from '../../contract/project.schema';
import { type Scene, SceneSchema } from '../../contract/scene.schema';
import { callerKey } from '../../http/caller.rules';
import { answers, uploadBody } from '../../http/http.documentation';
import { answerWithJob, longWork, type WaitForFit, type WaitForJob } from '../../http/http.long-work';
import { takes } from '../../http/http.validate';
import { requireProjectId, requireSceneId } from '../../shared/job-subject';
import type { IncomingFile, UploadUsecases } from './uploads.usecases';

const tags = ['Uploads'];
const fileName = {
  name: 'filename',
  in: 'query' as const,
  required: false,
  schema: { type: 'string' as const },
  description: 'The file’s name when the body is the bare bytes.',
};
/** A form with one file, or the bare bytes with the file's name in the query. They are read as they come. */
const uploadedFile = (description: string) =>
  takes<{ form?: { file: File }; query?: { filename?: string } }>({
    parameters: [fileName],
    requestBody: uploadBody(description),
  });
const errors: (400 | 404 | 409 | 413 | 415 | 422 | 502 | 507)[] = [400, 404, 409, 413, 415, 422, 502, 507];

const incoming = (c: Context): IncomingFile => ({
  request: c.req.raw,
  fileName: c.req.query('filename'),
  caller: callerKey(c.get('caller')),
});

export const uploadRoutes = (
  uploads: UploadUsecases,
  projects: { read(projectId: string): Promise<Project> },
  scenes: { readById(projectId: string, sceneId: string): Promise<Scene> },
  waitForJob: WaitForJob,
  waitForFit: WaitForFit,
) =>
  new Hono()
    .put(
      '/projects/:projectId/audio',
      describeRoute({
        tags,
        summary: 'Upload the song',
        responses: answers(ProjectSchema, { text: 'The project with its song.', errors, job: true }),
      }),
      longWork(),
      uploadedFile('MP3, AAC, FLAC, WAV, Ogg, or a video whose sound is wanted.'),
      async (c) => {
        const job = await uploads.song(c.req.param('projectId'), incoming(c));
        return answerWithJob(c, job, waitForJob, (ended) => projects.read(requireProjectId(ended)));
      },
    )
    .post(
      '/projects/:projectId/scenes/:sequence/upload_video',
      describeRoute({
        tags,
        summary: 'Upload a scene’s clip',
        description:
          'The scene keeps its length; one without a length takes the clip’s. The file itself is kept as it is, and what the scene shows of it is made from it.',
        responses: answers(SceneSchema, { text: 'The scene with its clip.', errors, job: true }),
      }),
      longWork(),
      uploadedFile('MP4, MOV, WebM, MKV or AVI.'),
      async (c) => {
        const { projectId, sequence } = c.req.param();
        const job = await uploads.clip(projectId, { sequence }, incoming(c));
        return answerWithJob(c, job, waitForJob, async (ended) => {
          await waitForFit(requireSceneId(ended), c);
          return scenes.readById(requireProjectId(ended), requireSceneId(ended));
        });
      },
    )
    .post(
      '/projects/:projectId/scenes/:sequence/upload_image',
      describeRoute({
        tags,
        summary: 'Upload a scene’s image',
        responses: answers(SceneSchema, { text: 'The scene with its image.', errors, job: true }),
      }),
      longWork(),
      uploadedFile('PNG, JPEG or WebP.'),
      async (c) => {
        const { projectId, sequence } = c.req.param();
        const job = await uploads.image(projectId, { sequence }, incoming(c));
        return answerWithJob(c, job, waitForJob, (ended) =>
          scenes.readById(requireProjectId(ended), requireSceneId(ended)),
        );
      },
    );
