import pTimeout from 'p-timeout';
import { errorMessage } from '../../shared/errors';
import { createRandom } from '../../shared/random';
import type { LogLine } from '../process.harness';
import { createApiClient } from '../studio.harness';
import {
  deletedFilesAreStored,
  filesStayUntilConfirmed,
  memoryIsFlat,
  named,
  nothingIsStuck,
  quietInvariants,
} from './chaos.invariants';
import { makeMaterial } from './chaos.media';
import { createObserver, insist } from './chaos.observer';
import { createPerson, newMemory } from './chaos.people';
import { planStorm } from './chaos.plan';
import { type ChaosReport, newReport, progressLine } from './chaos.report';
import { createChaosStage } from './chaos.stage';
import { createStriker } from './chaos.striker';
import type { ActiveJob, MemorySample, QuietFacts, TakeFact } from './chaos.types';

/** How often the disks and the jobs are looked at during a storm. */
const LOOK_MS = 400;
/** How often memory and takes are. */
const LOOK_CLOSER_MS = 4000;
/** How often what waits for its next try is made due while everything becomes quiet. */
const PASS_TIME_MS = 3000;
/** Long quiets also wait until jobs that were never queued are given up (jobs.reconcile.ts: 120 s, looked for each 30 s). */
const GIVEN_UP_MS = 150_000;
/** Requests, starts and ends of processes are over within this time when a storm is (main.ts: 45 s to end). */
const CALM_WITHIN_MS = 60_000;
/** Reading everything there is: objects that came since the last look, and pictures that are still made. */
const LOOK_WITHIN_MS = 120_000;
/** Ending all processes and removing all folders. */
const STOP_WITHIN_MS = 30_000;
/** One process is spared for so many storms in turn, so that some live long enough for their memory to be judged. */
const STORMS_SPARED = 2;
/** What failed jobs need was deleted by people: no second try helps. */
const hopelessCodes = new Set(['SceneNotFound', 'ProjectNotFound', 'TakeNotFound']);
/** Every so many quiets also wait for the jobs that are given up after two minutes. */
const LONG_QUIET_EVERY = 8;
/** How often it is waited for work that came when all was quiet. */
const MOST_LATE_WORK = 3;
/** Failed jobs that are tried again in each quiet; more would only be more of the same. */
const MOST_RETRIES = 12;

export type ChaosOptions = {
  seed: number;
  /** Length of one storm; after each everything is healed and looked at. */
  stormMs: number;
  /** Storms go on until this is over; at least one. */
  lengthMs: number;
  people: number;
  workers: number;
  /** Whether the last quiet, and some before it, wait for the jobs that are given up after two minutes. */
  longQuiets: boolean;
  /** Within this everything that was begun must have ended after a storm: a heartbeat, the run itself, slack. */
  quietWithinMs: number;
  tell: (line: string) => void;
  /** Aborted, the run ends at once, and takes all its processes with it. */
  signal?: AbortSignal;
  /** Every line that the studio logs. */
  onLine?: (machine: string, line: LogLine) => void;
};

/** Breaks a studio for a while, in the way that the seed says, and tells what did not hold. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { tell } = options;
  const random = createRandom(options.seed);
  const began = performance.now();
  const memory = newMemory();
  const report = newReport(options.seed);

  function judge(invariant: string, things: number, found: readonly string[]): void {
    const check = report.checks[invariant] ?? { looks: 0, things: 0 };
    report.checks[invariant] = { looks: check.looks + 1, things: check.things + things };
    for (const violation of named(invariant, found)) {
      // What was seen once is not told again at each look.
      if (report.violations.some((one) => one.invariant === invariant && one.what === violation.what))
        continue;
      report.violations.push({ ...violation, storm: report.storms, at: new Date().toISOString() });
      tell(`VIOLATION ${invariant}: ${violation.what} (seed ${options.seed}, storm ${report.storms})`);
    }
  }

  const deleted: { machine: string; path: string; key: string; bytes: number }[] = [];
  const stage = await createChaosStage({
    workers: options.workers,
    onLine(machine, line) {
      options.onLine?.(machine, line);
      if (line.event !== 'local_file_deleted') return;
      const { path, key, bytes } = line;
      if (typeof path === 'string' && typeof key === 'string' && typeof bytes === 'number') {
        deleted.push({ machine, path, key, bytes });
      }
    },
    onProblem(what) {
      report.failedStarts += 1;
      options.onLine?.('chaos', { event: 'problem', what });
    },
    onFailure: (what) => judge('nothing-ends-by-itself', 1, [what]),
  });
  const observer = createObserver(stage);
  const api = createApiClient(`${stage.url}/api/mv`);
  const samples: MemorySample[] = [];
  /** Every take that was seen since the last quiet, as it was then. */
  let takesSeen = new Map<string, TakeFact>();
  let databaseUpSince = performance.now();

  function countProxy(): void {
    const entries = stage.proxy.log.splice(0);
    report.s3Requests += entries.length;
    report.s3Faults += entries.filter((entry) => entry.fault !== null).length;
    report.providerFaults = stage.providers.struck();
  }

  async function lookAtDeleted(): Promise<void> {
    const files = deleted.splice(0);
    const looked = await Promise.all(
      files.map(async (file) => ({ ...file, stored: await observer.storedAs(file.key, file.bytes) })),
    );
    const wrong = [];
    for (const file of looked) {
      // Deleted from S3 since then, with its scene or its job: nothing points at it.
      if (file.stored === 'missing' && !(await observer.isKeyWanted(file.key))) continue;
      wrong.push(file);
    }
    judge('deleted-files-are-stored', files.length, deletedFilesAreStored(wrong));
  }

  async function look(): Promise<void> {
    for (const machine of stage.machines) machine.drain();
    countProxy();
    const uploads = await observer.openUploads();
    judge('files-stay-until-confirmed', uploads.length, filesStayUntilConfirmed(uploads));
    await lookAtDeleted();
    const jobs = await observer.activeJobs();
    // Whoever is to take over a job must have lived long enough to see that it is to be taken over.
    const workerUpMs = Math.max(...stage.workers.map((worker) => worker.upMs()));
    const watchedMs = Math.min(workerUpMs, performance.now() - databaseUpSince);
    judge('nothing-is-stuck', jobs.length, nothingIsStuck(jobs, watchedMs / 1000));
  }

  async function lookUntil(signal: AbortSignal): Promise<void> {
    let closerAt = 0;
    while (!signal.aborted) {
      await look();
      if (performance.now() - closerAt > LOOK_CLOSER_MS) {
        closerAt = performance.now();
        for (const machine of stage.machines) {
          const sample = await machine.memory();
          if (sample !== null) samples.push(sample);
        }
        judge('memory-is-flat', samples.length, memoryIsFlat(samples));
        for (const take of await observer.takes()) if (!takesSeen.has(take.id)) takesSeen.set(take.id, take);
      }
      await Bun.sleep(LOOK_MS);
    }
  }

  const strike = createStriker(stage, random, () => {
    databaseUpSince = performance.now();
  });

  async function storm(): Promise<void> {
    const over = new AbortController();
    const [first = 'api', ...others] = stage.machines.map((machine) => machine.name);
    const [worker = 'worker-1', ...workers] = stage.workers.map((machine) => machine.name);
    // The API has its turn every other time: it is the one that lives longest in a studio.
    const round = Math.floor(report.storms / STORMS_SPARED);
    const spared = round % 2 === 0 ? first : (others[Math.floor(round / 2) % others.length] ?? worker);
    const blows = planStorm(random, {
      lengthMs: options.stormMs,
      processes: [first, ...others],
      workers: [worker, ...workers],
      spared,
    });
    const people = Array.from({ length: options.people }, (_, index) =>
      createPerson({
        name: `Person ${index + 1}`,
        url: stage.url,
        random: createRandom(Math.floor(random.next() * 2 ** 32)),
        material,
        memory,
        lipsyncShare: 14,
        signal: over.signal,
      }).work(),
    );
    const looking = lookUntil(over.signal);
    // It is waited for when the storm is over; until then its failure is nobody's.
    looking.catch(() => undefined);
    const started = performance.now();
    const running = new Set<Promise<void>>();
    for (const blow of blows) {
      await Bun.sleep(Math.max(0, started + blow.atMs - performance.now()));
      const done = strike(blow).then((met) => {
        if (met) report.blows[blow.kind] += 1;
        running.delete(done);
      });
      done.catch(() => undefined);
      running.add(done);
    }
    await Bun.sleep(Math.max(0, started + options.stormMs - performance.now()));
    over.abort();
    await inTime('requests and blows end', CALM_WITHIN_MS, Promise.all([...people, ...running, looking]));
    report.stormSeconds += (performance.now() - started) / 1000;
  }

  const countSucceeded = async () =>
    (await observer.jobs()).filter((job) => job.state === 'succeeded').length;

  /** Waits until nothing happens any more; what still does then is what `every-job-ends` tells. */
  async function becomeQuiet(isLong: boolean): Promise<void> {
    await stage.proxy.heal();
    stage.providers.heal();
    const settling = Promise.all(stage.machines.map((machine) => machine.settle()));
    await inTime('every process comes back', CALM_WITHIN_MS, settling);
    const withinMs = options.quietWithinMs + (isLong ? GIVEN_UP_MS : 0);
    const giveUpAt = performance.now() + withinMs;
    let passedAt = 0;
    for (;;) {
      await look();
      const work = await observer.openWork();
      const jobs = isLong ? work.jobs : work.jobs.filter((job) => !willBeGivenUp(job));
      if (jobs.length === 0 && work.uploads === 0 && work.deletions === 0) return;
      if (performance.now() > giveUpAt) {
        judge('outbox-empties', work.uploads + work.deletions, [
          `${work.uploads} uploads, ${work.deletions} deletions, ${work.jobs.length} jobs after ${withinMs / 1000} s`,
        ]);
        return;
      }
      if (performance.now() - passedAt > PASS_TIME_MS) {
        passedAt = performance.now();
        await observer.passTime();
      }
      await Bun.sleep(LOOK_MS);
    }
  }

  async function retryFailed(): Promise<QuietFacts['retried']> {
    const failed = (await observer.jobs())
      .filter((job) => job.state === 'failed' && !hopelessCodes.has(job.errorCode ?? ''))
      .slice(0, MOST_RETRIES);
    const again: QuietFacts['retried'] = [];
    for (const job of failed) {
      const response = await insist(() => api.call('POST', `/jobs/${job.id}/retry`));
      if (response.status !== 200) continue;
      again.push({
        jobId: job.id,
        kind: job.kind,
        firstError: `${job.errorCode}: ${job.errorMessage}`,
        state: 'queued',
        error: null,
      });
    }
    if (again.length > 0) await becomeQuiet(false);
    for (const one of again) {
      const job = await insist(() => api.job(one.jobId));
      one.state = job.state;
      one.error = job.error?.message ?? null;
    }
    return again;
  }

  async function lookWhenQuiet(isLong: boolean): Promise<void> {
    const retried = await retryFailed();
    let seen = await observer.quietFacts();
    const activeJobs = () =>
      isLong ? seen.activeJobs : seen.activeJobs.filter((job) => !willBeGivenUp(job));
    // A face that is found when all is quiet moves the picture of its clip, which is work again.
    for (let again = 0; again < MOST_LATE_WORK && activeJobs().length > 0; again++) {
      await becomeQuiet(isLong);
      seen = await observer.quietFacts();
    }
    const facts: QuietFacts = {
      ...seen,
      activeJobs: activeJobs(),
      acknowledged: memory.acknowledged,
      deletionAsked: memory.deletionAsked,
      takesBefore: [...takesSeen.values()],
      paidCreates: stage.providers.creates(),
      leaks: stage.providers.leaks(),
      retried,
    };
    const things: Record<string, number> = {
      'acknowledged-uploads-are-kept': facts.acknowledged.length,
      'takes-are-stored': facts.stored.length,
      'takes-never-vanish': takesSeen.size,
      'originals-are-reachable': facts.originals.size,
      'frames-add-up': facts.framesInFile.size,
      'every-job-ends': facts.jobs.length,
      'one-create-per-paid-job': facts.paidCreates.length,
      'every-object-is-known': facts.objects.size,
      'retries-succeed': retried.length,
    };
    for (const [name, check] of Object.entries(quietInvariants)) judge(name, things[name] ?? 1, check(facts));
    takesSeen = new Map(facts.takes.map((take) => [take.id, take]));
    report.takes = facts.takes.length;
    report.jobs = countBy(facts.jobs, (job) => `${job.kind} ${job.state} ${job.errorCode ?? ''}`.trim());
  }

  async function stormAndQuiet(): Promise<void> {
    const before = await countSucceeded();
    await storm();
    report.succeededInStorms += (await countSucceeded()) - before;
    const stormOver = performance.now();
    const isLast = performance.now() - began >= options.lengthMs;
    const isLong =
      options.longQuiets && (isLast || report.storms % LONG_QUIET_EVERY === LONG_QUIET_EVERY - 1);
    await becomeQuiet(isLong);
    await inTime(
      'everything can be looked at',
      LOOK_WITHIN_MS + options.quietWithinMs,
      lookWhenQuiet(isLong),
    );
    report.storms += 1;
    report.seconds = (performance.now() - began) / 1000;
    report.uploadsAcknowledged = memory.acknowledged.length;
    const quietSeconds = ((performance.now() - stormOver) / 1000).toFixed(0);
    tell(`${progressLine(report)}; quiet after ${quietSeconds} s (${report.seconds.toFixed(0)} s)`);
  }

  const material = await makeMaterial();
  try {
    do await Promise.race([stormAndQuiet(), rejectionOf(options.signal)]);
    while (performance.now() - began < options.lengthMs);
    judge('answers-are-declared', memory.answers.size, memory.undeclared);
  } catch (error) {
    if (!options.signal?.aborted) judge('the-run-goes-on', 1, [errorMessage(error)]);
  }
  report.answers = Object.fromEntries([...memory.answers].sort());
  report.seconds = (performance.now() - began) / 1000;
  try {
    await inTime('the studio is ended', STOP_WITHIN_MS, stage.stop());
  } catch (error) {
    judge('the-run-goes-on', 1, [errorMessage(error)]);
  }
  return report;
}

/** Rejects what is late: that is a violation, and the end of the run, since all that follows would only wait too. */
function inTime<T>(what: string, ms: number, work: Promise<T>): Promise<T> {
  return pTimeout(work, { milliseconds: ms, message: `${what}: not within ${ms / 1000} s` });
}

/** Never resolves. */
function rejectionOf(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** The API was killed before it had the whole file: nobody was told that it has it. */
const willBeGivenUp = (job: ActiveJob): boolean =>
  job.state === 'queued' && !job.wasQueued && !job.waitsForFiles;

const countBy = <T>(list: readonly T[], key: (one: T) => string): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(list, key)].map(([name, ones]) => [name, ones.length]));
