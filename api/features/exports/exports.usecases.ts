import type { ExportList } from '../../contract/export.schema';
import type { Project } from '../../contract/project.schema';
import { AppError } from '../../shared/errors';
import type { ExportFormat } from './export-format.rules';
import { exportTimeline } from './exports.rules';

export type ExportUsecases = ReturnType<typeof createExportUsecases>;

/** A project's timeline as files for editing programs. */
export function createExportUsecases(deps: {
  readProject(projectId: string): Promise<Project>;
  formats: readonly ExportFormat[];
}) {
  const { readProject, formats } = deps;
  const fileName = (project: Project, format: ExportFormat) => `${project.title}.${format.extension}`;

  return {
    /** @throws AppError `ProjectNotFound` */
    async list(projectId: string): Promise<ExportList> {
      const project = await readProject(projectId);
      return {
        formats: formats.map((format) => ({
          id: format.id,
          label: format.label,
          contentType: format.contentType,
          fileName: fileName(project, format),
          url: `/api/mv/projects/${project.id}/exports/${format.id}`,
        })),
      };
    },

    /** @throws AppError `ProjectNotFound`, 404 `ExportFormatUnknown`, 400 `ProjectHasNoScenes`, `ScenesWithoutVideo` */
    async write(projectId: string, formatId: string) {
      const project = await readProject(projectId);
      const format = formats.find(({ id }) => id === formatId);
      if (format === undefined) {
        throw new AppError({
          code: 'ExportFormatUnknown',
          message: `There is no export format "${formatId}". There are: ${formats.map(({ id }) => id).join(', ')}.`,
        });
      }
      const timeline = exportTimeline(project);
      if ('withoutClip' in timeline) {
        throw new AppError({
          code: 'ScenesWithoutVideo',
          message: `These scenes have no clip yet: ${timeline.withoutClip.join(', ')}. Upload clips for them or delete them, then export.`,
          details: { sequences: timeline.withoutClip },
        });
      }
      if (timeline.clips.length === 0) {
        throw new AppError({
          code: 'ProjectHasNoScenes',
          message: 'This project has no scenes yet. Add scenes with clips, then export.',
        });
      }
      return {
        text: format.write(timeline),
        contentType: format.contentType,
        fileName: fileName(project, format),
      };
    },
  };
}
