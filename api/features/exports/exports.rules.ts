import type { Project } from '../../contract/project.schema';
import type { ExportTimeline } from './export-format.rules';

const baseName = (key: string) => key.slice(key.lastIndexOf('/') + 1);

/**
 * A project's timeline for export formats, or the numbers of the scenes that have no clip yet: without
 * them it has no length.
 */
export function exportTimeline(
  project: Pick<Project, 'title' | 'format' | 'scenes' | 'song'>,
): ExportTimeline | { withoutClip: number[] } {
  const { format, song } = project;
  const clips: ExportTimeline['clips'] = [];
  const withoutClip: number[] = [];
  let startFrame = 0;
  for (const { sequence, prompt, currentTake } of project.scenes) {
    if (currentTake === null || currentTake.frames === null) {
      withoutClip.push(sequence);
      continue;
    }
    const { frames, s3Key } = currentTake;
    clips.push({ sequence, prompt, fileName: baseName(s3Key), startFrame, frames });
    startFrame += frames;
  }
  if (withoutClip.length > 0) return { withoutClip };
  return {
    title: project.title,
    ...format,
    frames: startFrame,
    clips,
    song: song === null ? null : { fileName: song.fileName },
  };
}
