import type { Database } from '../../../db/connect';
import { createRevisions } from '../../library/project-revisions.repository';
import { createProjectViews } from './project-views.usecases';
import { projectRoutes } from './projects.routes';
import type { ProjectUsecases } from './projects.usecases';
import type { SongPeaksUsecases } from './song-peaks.usecases';

/** Projects and their songs. */
export function projectsFeature(given: {
  sql: Database;
  projects: ProjectUsecases;
  songPeaks: SongPeaksUsecases;
  /** Names the URLs of media that the caller is given now. */
  urlVersion: () => string;
}) {
  const { projects, songPeaks, urlVersion } = given;
  const views = createProjectViews({
    revisionOf: createRevisions(given.sql),
    read: projects.read,
    urlVersion,
  });
  return { routes: projectRoutes(projects, songPeaks, views) };
}
