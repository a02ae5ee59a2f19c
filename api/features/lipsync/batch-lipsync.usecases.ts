import type { Database } from '../../../db/connect';
import type { Job } from '../../contract/job.schema';
import { type BatchLipsync, BatchLipsyncRequestSchema } from '../../contract/lipsync.schema';
import type { BatchEstimate, Estimate } from '../../contract/provider.schema';
import { parseInput } from '../../http/http.validate';
import type { Jobs } from '../../jobs/jobs.types';
import { isFitJob } from '../../library/fit-jobs.rules';
import { sceneBusy, sceneNotFound } from '../../library/projects.errors';
import { requireProject } from '../../library/projects.lookup';
import { lockProject } from '../../library/projects.repository';
import { listScenes } from '../../library/scenes.repository';
import { readSinging } from '../../library/singing.view';
import type { ProviderCallUsecases } from '../../provider-work/provider-calls.usecases';
import { sumUsd } from '../../provider-work/providers.rules';
import { AppError } from '../../shared/errors';
import { type Chosen, chooseScenes } from './batch-lipsync.rules';
import type { SceneLipsyncUsecases } from './scene-lipsync.usecases';

type SceneResult = BatchLipsync['scenes'][number];
type Planned = Awaited<ReturnType<SceneLipsyncUsecases['plan']>>;
type Part = Chosen & { planned: Planned | null; error: AppError | null };

/** More than a project can have at once besides those of its scenes: its song, its composition, its character. */
const PROJECT_JOBS = 10;

export type BatchLipsyncUsecases = ReturnType<typeof createBatchLipsyncUsecases>;

/** Lip-sync of many scenes in one call; each scene has its own job and its own result. */
export function createBatchLipsyncUsecases(deps: {
  sql: Database;
  jobs: Pick<Jobs, 'list'>;
  sceneLipsync: Pick<SceneLipsyncUsecases, 'plan' | 'readInput' | 'startPlanned' | 'estimatePlanned'>;
  calls: Pick<ProviderCallUsecases, 'checkBudget' | 'fitsBudget'>;
}) {
  const { sql, jobs, sceneLipsync, calls } = deps;

  /** The jobs of scenes that are being worked on, by scene; each has one at most, the project some of its own. */
  async function busyScenes(projectId: string, count: number): Promise<Map<string | null, string>> {
    const active = await jobs.list({
      projectId,
      states: ['queued', 'running'],
      limit: 2 * count + PROJECT_JOBS,
    });
    return new Map(active.filter((job) => !isFitJob(job)).map((job) => [job.sceneId, job.id]));
  }

  /** What is to be done for each scene, what it would cost, and what can't be done. */
  async function prepare(projectId: string, input: unknown) {
    const project = await requireProject(sql, projectId);
    const { scenes: choice, keep, ...rest } = parseInput(BatchLipsyncRequestSchema, input);
    const asked = sceneLipsync.readInput(rest);
    /** What is asked for one scene: nothing, where it keeps what it has. */
    const askedFor = ({ kept }: Planned) => (keep && kept !== null ? {} : asked);
    const scenes = await listScenes(sql, project.id);
    const busy = await busyScenes(project.id, scenes.length);
    const parts: Part[] = [];
    const estimates: { sequence: number; estimate: Estimate }[] = [];
    const singingOf = await readSinging(sql, project, scenes);
    for (const chosen of chooseScenes(choice, scenes, project, singingOf)) {
      const { sequence, scene, skip } = chosen;
      if (scene === null) {
        const error = sceneNotFound(String(sequence), scenes.length);
        parts.push({ ...chosen, planned: null, error });
        continue;
      }
      const jobId = busy.get(scene.id);
      if (jobId !== undefined) {
        parts.push({ ...chosen, planned: null, error: sceneBusy(sequence, jobId) });
      } else if (skip !== null) parts.push({ ...chosen, planned: null, error: null });
      else {
        const planned = await refusal(sceneLipsync.plan(project, scene, scenes));
        if (planned instanceof AppError) parts.push({ ...chosen, planned: null, error: planned });
        else {
          parts.push({ ...chosen, planned, error: null });
          const estimate = await sceneLipsync.estimatePlanned(planned, askedFor(planned));
          estimates.push({ sequence, estimate });
        }
      }
    }
    const totalUsd = sumUsd(estimates.map(({ estimate }) => estimate));
    return { project, parts, estimates, totalUsd, askedFor };
  }

  return {
    /** What a batch would cost; nothing is started. @throws AppError as `start` */
    async estimate(projectId: string, input: unknown): Promise<BatchEstimate> {
      const { project, parts, estimates, totalUsd } = await prepare(projectId, input);
      return {
        scenes: estimates,
        skipped: parts.flatMap(({ sequence, planned, skip, error }) =>
          planned === null ? [{ sequence, error: bodyOf(error ?? passedOver(skip)) }] : [],
        ),
        totalUsd,
        fitsBudget: await calls.fitsBudget(project.id, totalUsd),
      };
    },

    /**
     * Starts a job for each scene that can be done. When their sum would pass the budget none is started.
     * @throws AppError `ProjectNotFound`, `BadRequest`, `ProviderNotEnabled`, `ModelNotOffered`,
     * `BudgetExceeded`, `PriceUnknown`
     */
    async start(projectId: string, input: unknown): Promise<BatchLipsync> {
      const { project, parts, totalUsd, askedFor } = await prepare(projectId, input);
      await sql.begin(async (tx) => {
        await lockProject(tx, project.id);
        await calls.checkBudget(tx, project.id, totalUsd);
      });
      const results: SceneResult[] = [];
      for (const { sequence, scene, skip, planned, error } of parts) {
        const of = { sequence, sceneId: scene?.id ?? null };
        if (planned === null) {
          const status = skip === null ? 'refused' : 'skipped';
          results.push({ ...of, status, job: null, error: bodyOf(error ?? passedOver(skip)) });
          continue;
        }
        const job = await refusal(sceneLipsync.startPlanned(planned, askedFor(planned)));
        results.push(
          job instanceof AppError
            ? { ...of, status: 'refused', job: null, error: bodyOf(job) }
            : resultOf(of, job),
        );
      }
      return { scenes: results };
    },

    /** The batch's results with its jobs as they are now. */
    withJobs(batch: BatchLipsync, jobs: Job[]): BatchLipsync {
      const byId = new Map(jobs.map((job) => [job.id, job]));
      return {
        scenes: batch.scenes.map((part) => {
          const job = part.job === null ? undefined : byId.get(part.job.id);
          return job === undefined ? part : resultOf(part, job);
        }),
      };
    },
  };
}

/** The refusal of one scene is its result; anything else stops the batch. */
async function refusal<Result>(work: Promise<Result>): Promise<Result | AppError> {
  try {
    return await work;
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.status < 500) return thrown;
    throw thrown;
  }
}

const passedOver = (reason: string | null) =>
  new AppError({ code: 'SceneSkipped', message: reason ?? 'There is nothing to do.' });

const bodyOf = ({ code, message, details }: AppError) => ({
  error: code,
  message,
  ...(details === undefined ? {} : { details }),
});

const resultOf = (of: { sequence: number; sceneId: string | null }, job: Job): SceneResult => ({
  sequence: of.sequence,
  sceneId: of.sceneId,
  status: job.state,
  job,
  error:
    job.error === null
      ? null
      : { error: job.error.code, message: job.error.message, details: job.error.details },
});
