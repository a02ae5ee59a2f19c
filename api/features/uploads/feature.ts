import { Hono } from 'hono';
import type { Project } from '../../contract/project.schema';
import type { Scene } from '../../contract/scene.schema';
import type { WaitForFit, WaitForJob } from '../../http/http.long-work';
import { createClipJob } from './clip.job';
import { createImageJob } from './image.job';
import { resumableRoutes } from './resumable.routes';
import type { ResumableUploads } from './resumable.uploads';
import { createSongJob } from './song.job';
import { uploadRoutes } from './uploads.routes';
import type { UploadUsecases } from './uploads.usecases';

type Given = Parameters<typeof createClipJob>[0] &
  Parameters<typeof createImageJob>[0] &
  Parameters<typeof createSongJob>[0] & {
    uploads: UploadUsecases;
    resumableUploads: ResumableUploads;
    projects: { read(projectId: string): Promise<Project> };
    scenes: { readById(projectId: string, sceneId: string): Promise<Scene> };
    waitForJob: WaitForJob;
    waitForFit: WaitForFit;
  };

/** Songs, clips and images that people send. */
export const uploadsFeature = (given: Given) => ({
  routes: new Hono()
    .route('/', uploadRoutes(given.uploads, given.projects, given.scenes, given.waitForJob, given.waitForFit))
    .route('/', resumableRoutes(given.resumableUploads)),
  jobs: [createClipJob(given), createImageJob(given), createSongJob(given)],
  completions: given.uploads.completions,
});
