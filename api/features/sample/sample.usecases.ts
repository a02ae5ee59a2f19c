import type { Database } from '../../../db/connect';
import type { Job } from '../../contract/job.schema';
import type { CreateProject, Project } from '../../contract/project.schema';
import type { CreateScene } from '../../contract/scene.schema';
import type { Jobs } from '../../jobs/jobs.types';
import { latestComposition } from '../../library/compositions.repository';
import { requireProject } from '../../library/projects.lookup';
import { findProject, insertProject } from '../../library/projects.repository';
import { SAMPLE_TEMPLATE_ID } from '../../library/sample-template.rules';
import { listScenes } from '../../library/scenes.repository';
import { errorMessage } from '../../shared/errors';
import type { Log } from '../../shared/log';
import { noSample, sampleFormat, sampleJob } from './sample.job';
import { nextStep, type SampleState, SINGING_SCENE } from './sample.rules';

/** Lengths are those of the clips that will come, so that the timeline stands from the beginning. */
const scenes = [
  { prompt: 'Night city skyline, slow pan', plannedDuration: 5 },
  { prompt: 'The singer, close up', plannedDuration: 8 },
  { prompt: 'A microphone on an empty stage', plannedDuration: 5 },
];

const sample = {
  title: 'Sample: a song at night',
  mode: 'music-video',
  concept: 'A singer on a small stage, the city outside, one song.',
  characterDescription: '',
  productDescription: '',
  budgetUsd: null,
} as const;

/** Composing the sample takes about a second; an answer waits so long for it and then comes without. */
const COMPOSE_WAIT_MS = 1500;
/** How long one job of the sample is waited for before its project is read again. */
const LOOK_MS = 30_000;

export type SampleUsecases = ReturnType<typeof createSampleUsecases>;

/**
 * The sample project: a song and three clips that the studio makes by itself. With `ahead` it is made and
 * lip-synced in the background once, and everybody who asks gets a copy of that, composed, at once.
 */
export function createSampleUsecases(deps: {
  sql: Database;
  log: Log;
  jobs: Pick<Jobs, 'create' | 'list' | 'wait'>;
  projects: {
    create(input: CreateProject): Promise<Project>;
    read(projectId: string): Promise<Project>;
  };
  scenes: { create(projectId: string, input: CreateScene): Promise<unknown> };
  copyProject: (projectId: string, copy: { title: string }) => Promise<Project>;
  startLipsync: (projectId: string, sequence: string) => Promise<Job>;
  startCompose: (projectId: string) => Promise<Job>;
  /** False in a program that has no material to make a sample of. */
  sampleAvailable: boolean;
  /** Whether samples are lip-synced and composed, and prepared before anybody asks. */
  ahead: boolean;
  stopping: AbortSignal;
}) {
  const { sql, log, jobs, projects, stopping } = deps;
  let preparing: Promise<void> | null = null;

  /** Adds the scenes that are missing, and the job that fills them. */
  async function begin(projectId: string): Promise<void> {
    for (const scene of scenes.slice((await listScenes(sql, projectId)).length)) {
      await deps.scenes.create(projectId, { ...scene, negativePrompt: '' });
    }
    await sql.begin((tx) =>
      jobs.create(tx, sampleJob.newJob({ projectId, sceneId: null, options: {}, enqueue: true })),
    );
  }

  /** How far a sample is; for nobody in particular, so without any URL. */
  async function stateOf(projectId: string): Promise<SampleState> {
    const [project, rows, video, active] = await Promise.all([
      requireProject(sql, projectId),
      listScenes(sql, projectId),
      latestComposition(sql, projectId),
      jobs.list({ projectId, states: ['queued', 'running'], limit: 1 }),
    ]);
    return {
      activeJobId: active[0]?.id ?? null,
      hasSong: project.song !== null,
      clips: rows.map(({ currentTake }) => currentTake?.kind ?? null),
      isComposed: video !== null,
    };
  }

  /** Waits until a sample has its clips, lip-syncs the singer and, when told so, composes. Once each. */
  async function complete(projectId: string, compose: boolean): Promise<void> {
    const done = new Set<string>();
    for (;;) {
      stopping.throwIfAborted();
      const step = nextStep(await stateOf(projectId), done);
      if (step.kind === 'wait') {
        await jobs.wait(step.jobId, { timeoutMs: LOOK_MS, signal: stopping });
        continue;
      }
      done.add(step.kind);
      if (step.kind === 'lipsync') await deps.startLipsync(projectId, String(SINGING_SCENE));
      else if (step.kind === 'compose' && compose) await deps.startCompose(projectId);
      else return;
    }
  }

  /** Nobody waits for what is done in the background: what stops it is logged. */
  async function inBackground(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      // Whatever it is, it must not end the process; the next start takes it up again.
      if (!stopping.aborted) log.warn({ error: errorMessage(error) }, 'sample_incomplete');
    }
  }

  async function prepare(): Promise<void> {
    if ((await findProject(sql, SAMPLE_TEMPLATE_ID)) === null) {
      await insertProject(sql, { id: SAMPLE_TEMPLATE_ID, ...sample, ...sampleFormat });
    }
    if (nextStep(await stateOf(SAMPLE_TEMPLATE_ID), new Set()).kind === 'incomplete')
      await begin(SAMPLE_TEMPLATE_ID);
    await complete(SAMPLE_TEMPLATE_ID, false);
  }

  /** Whether there is a sample to copy. */
  async function isTemplateReady(): Promise<boolean> {
    if (!deps.ahead || (await findProject(sql, SAMPLE_TEMPLATE_ID)) === null) return false;
    return nextStep(await stateOf(SAMPLE_TEMPLATE_ID), new Set()).kind === 'compose';
  }

  return {
    /** Makes the sample that others are copied from, unless it is there. Resolves when it is, or was given up. */
    async prepare(): Promise<void> {
      if (!deps.ahead || !deps.sampleAvailable) return;
      preparing ??= inBackground(prepare);
      await preparing;
    },

    /**
     * A new project: a composed copy of the sample when that is ready, else one that fills itself.
     * @throws AppError 501 `NoSample`
     */
    async create(): Promise<Project> {
      if (!deps.sampleAvailable) throw noSample();
      if (await isTemplateReady()) {
        const { id } = await deps.copyProject(SAMPLE_TEMPLATE_ID, { title: sample.title });
        const job = await deps.startCompose(id);
        await jobs.wait(job.id, { timeoutMs: COMPOSE_WAIT_MS });
        return projects.read(id);
      }
      const { id } = await projects.create({ ...sample, format: sampleFormat });
      await begin(id);
      if (deps.ahead) void inBackground(() => complete(id, true));
      return projects.read(id);
    },
  };
}
