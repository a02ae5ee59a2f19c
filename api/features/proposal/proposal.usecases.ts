import type { Database } from '../../../db/connect';
import type { Peaks, Project } from '../../contract/project.schema';
import type { SceneProposal } from '../../contract/proposal.schema';
import type { Scene } from '../../contract/scene.schema';
import type { Events } from '../../events/events.types';
import { projectHasNoSong } from '../../library/projects.errors';
import { requireProject } from '../../library/projects.lookup';
import { lockProject, touchProject } from '../../library/projects.repository';
import { insertScene, listScenes } from '../../library/scenes.repository';
import { songFrames } from '../../library/scenes.rules';
import { AppError } from '../../shared/errors';
import { framesToSeconds } from '../../shared/frames';
import type { NewId } from '../../shared/ids';
import { proposeScenes, type Stretch } from './proposal.rules';

export type ProposalUsecases = ReturnType<typeof createProposalUsecases>;

/** How many scenes a song could have, and where they would begin. */
export function createProposalUsecases(deps: {
  sql: Database;
  newId: NewId;
  events: Pick<Events, 'publish'>;
  callerName: () => string | null;
  readPeaks: (projectId: string, signal: AbortSignal) => Promise<Peaks>;
  readProject: (projectId: string) => Promise<Project>;
}) {
  const { sql, newId, events } = deps;

  /** @throws AppError `ProjectNotFound`, `ProjectHasNoSong` */
  async function propose(
    projectId: string,
    scenes: number | null,
    signal: AbortSignal,
  ): Promise<SceneProposal> {
    const project = await requireProject(sql, projectId);
    const { song, fps } = project;
    if (song === null) throw projectHasNoSong();
    const { peaks, songId } = await deps.readPeaks(project.id, signal);
    const proposal = proposeScenes(peaks, { frames: songFrames(song, fps), fps }, scenes);
    const present = ({ startFrame, endFrame, energy }: Stretch) => ({
      startFrame,
      endFrame,
      energy,
      start: framesToSeconds(startFrame, fps),
      end: framesToSeconds(endFrame, fps),
    });
    return {
      songId,
      fps,
      duration: song.samples / song.sampleRate,
      bpm: proposal.bpm,
      sections: proposal.sections.map(present),
      scenes: proposal.scenes.map((scene, index) => {
        const frames = scene.endFrame - scene.startFrame;
        return { sequence: index + 1, ...present(scene), frames, duration: framesToSeconds(frames, fps) };
      }),
    };
  }

  return {
    propose,

    /**
     * Creates the proposed scenes in a project that has none yet.
     * @throws AppError `ProjectNotFound`, `ProjectHasNoSong`, `ProjectHasScenes`
     */
    async apply(projectId: string, scenes: number | null, signal: AbortSignal): Promise<Scene[]> {
      const proposal = await propose(projectId, scenes, signal);
      const project = await requireProject(sql, projectId);
      await sql.begin(async (tx) => {
        await lockProject(tx, project.id);
        const existing = await listScenes(tx, project.id);
        if (existing.length > 0) throw projectHasScenes(existing.length);
        for (const { sequence, frames } of proposal.scenes) {
          const texts = { prompt: '', negativePrompt: '' };
          await insertScene(tx, {
            id: newId(),
            projectId: project.id,
            sequence,
            ...texts,
            slotFrames: frames,
          });
        }
        await touchProject(tx, project.id, { caller: deps.callerName() });
        await events.publish(tx, project.id, {
          type: 'project.changed',
          payload: { reason: 'scenes.proposed' },
        });
      });
      return (await deps.readProject(project.id)).scenes;
    },
  };
}

const projectHasScenes = (count: number) =>
  new AppError({
    code: 'ProjectHasScenes',
    message: `The project has ${count} ${count === 1 ? 'scene' : 'scenes'} already. Suggested scenes can only be added to an empty project. Delete the scenes first, or add new ones one by one.`,
    details: { count },
  });
