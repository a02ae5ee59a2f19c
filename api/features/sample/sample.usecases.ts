import type { Database } from '../../../db/connect';
import type { CreateProject, Project } from '../../contract/project.schema';
import type { CreateScene } from '../../contract/scene.schema';
import type { Jobs } from '../../jobs/jobs.types';
import type { NewId } from '../../shared/ids';
import { noSample, sampleFormat, sampleJob } from './sample.job';

/** Lengths are those of the clips that will come, so that the timeline stands from the beginning. */
const scenes = [
  { prompt: 'Night city skyline, slow pan', plannedDuration: 5 },
  { prompt: 'The singer, close up', plannedDuration: 8 },
  { prompt: 'A microphone on an empty stage', plannedDuration: 5 },
];

export type SampleUsecases = ReturnType<typeof createSampleUsecases>;

/** The sample project: a song and three clips that the studio makes by itself, ready to be lip-synced. */
export function createSampleUsecases(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'create'>;
  projects: {
    create(input: CreateProject): Promise<Project>;
    read(projectId: string): Promise<Project>;
  };
  scenes: { create(projectId: string, input: CreateScene): Promise<unknown> };
  /** False in a program that has no material to make a sample of. */
  sampleAvailable: boolean;
}) {
  const { sql, jobs, projects } = deps;

  return {
    /**
     * A new project with its scenes, and the job that fills it.
     * @throws AppError 501 `NoSample`
     */
    async create(): Promise<Project> {
      if (!deps.sampleAvailable) throw noSample();
      const project = await projects.create({
        title: 'Sample: a song at night',
        mode: 'music-video',
        concept: 'A singer on a small stage, the city outside, one song.',
        characterDescription: '',
        productDescription: '',
        budgetUsd: null,
        format: sampleFormat,
      });
      for (const scene of scenes) await deps.scenes.create(project.id, { ...scene, negativePrompt: '' });
      await sql.begin((tx) =>
        jobs.create(
          tx,
          sampleJob.newJob({
            projectId: project.id,
            sceneId: null,
            options: {},
            enqueue: true,
          }),
        ),
      );
      return projects.read(project.id);
    },
  };
}
