import type { Project } from '../../contract/project.schema';
import { exportRoutes } from './exports.routes';
import { createExportUsecases } from './exports.usecases';
import { exportFormats } from './formats/index';

/** A project's timeline as files for editing programs. */
export const exportsFeature = (given: { readProject(projectId: string): Promise<Project> }) => ({
  routes: exportRoutes(createExportUsecases({ readProject: given.readProject, formats: exportFormats })),
});
