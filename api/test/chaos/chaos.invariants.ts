import type {
  ActiveJob,
  DeletedFile,
  MemorySample,
  OpenUpload,
  QuietFacts,
  TakeFact,
  Violation,
} from './chaos.types';

/**
 * What must be true whatever breaks. Each is a pure function from what was seen to what is wrong with
 * it, in words; an empty list is what everybody hopes for.
 */

/** pg-boss's least heartbeat, plus how often it is looked for (jobs.queue.ts). */
const TAKEN_OVER_SECONDS = 10 + 3;
/** Reconciling looks this often for jobs without a queue entry (jobs.service.ts). */
const RECONCILED_SECONDS = 30;
/** A job that was never enqueued is given up after this (jobs.reconcile.ts). */
const ABANDONED_SECONDS = 120;
/** Two cores that are busy with everything else at once. */
const SLACK_SECONDS = 20;

const list = <T>(facts: readonly T[], wrong: (fact: T) => string | null): string[] =>
  facts.flatMap((fact) => wrong(fact) ?? []);

/** Errors after which the file that a person sent is not there any more. */
const lostCodes = new Set(['UploadLost', 'JobAbandoned', 'UploadFailed']);

function acknowledgedUploadsAreKept(facts: QuietFacts): string[] {
  const jobs = new Map(facts.jobs.map((job) => [job.id, job]));
  const bySource = new Map(facts.stored.filter(({ jobId }) => jobId !== null).map((one) => [one.jobId, one]));
  const isGone = (id: string | null) => id !== null && facts.deletionAsked.has(id);
  return list(facts.acknowledged, (upload) => {
    const { jobId, sha256 } = upload;
    const job = jobs.get(jobId);
    const name = `${upload.kind} ${jobId} (acknowledged ${upload.at})`;
    if (job === undefined) {
      return isGone(upload.projectId) || isGone(upload.sceneId) ? null : `${name}: the job is gone`;
    }
    if (job.state === 'canceled') return null;
    if (job.state === 'failed' && lostCodes.has(job.errorCode ?? '')) {
      return `${name}: ended ${job.errorCode}: ${job.errorMessage}`;
    }
    const stored = job.sourceKey === null ? undefined : facts.objects.get(job.sourceKey);
    if (stored === undefined) return `${name} (${job.state}): its file ${job.sourceKey} is not in S3`;
    if (stored !== sha256) return `${name}: its file ${job.sourceKey} in S3 is another one`;
    if (job.state === 'succeeded' && !bySource.has(jobId) && job.kind !== 'upload_song') {
      return `${name}: succeeded, and no take came of it`;
    }
    return null;
  });
}

function takesAreStored(facts: QuietFacts): string[] {
  return list(facts.stored, ({ what, id, key, sha256 }) => {
    const stored = facts.objects.get(key);
    if (stored === undefined) return `${what} ${id}: ${key} is not in S3`;
    return stored === sha256 ? null : `${what} ${id}: ${key} has other bytes than its row says`;
  });
}

function takesNeverVanish(facts: QuietFacts): string[] {
  const now = new Map(facts.takes.map((take) => [take.id, take]));
  const scenes = new Set(facts.scenes.map((scene) => scene.id));
  return list(facts.takesBefore, (before) => {
    const take = now.get(before.id);
    if (take === undefined) {
      return scenes.has(before.sceneId) ? `${before.kind} ${before.id} of scene ${before.sceneId}` : null;
    }
    return sameTake(take, before) ? null : `${before.kind} ${before.id} was changed`;
  });
}

const sameTake = (a: TakeFact, b: TakeFact) =>
  a.key === b.key && a.sha256 === b.sha256 && a.frames === b.frames && a.parentId === b.parentId;

function originalsAreReachable(facts: QuietFacts): string[] {
  const takes = new Map(facts.takes.map((take) => [take.id, take]));
  return list(facts.scenes, (scene) => {
    const current = scene.currentTakeId === null ? undefined : takes.get(scene.currentTakeId);
    const name = `scene ${scene.id}`;
    if (scene.originalTakeId === null) {
      return current === undefined ? null : `${name} shows ${current.kind} ${current.id} and has no original`;
    }
    let root = current;
    while (root !== undefined && root.kind !== 'original') {
      root = root.parentId === null ? undefined : takes.get(root.parentId);
    }
    if (root?.id !== scene.originalTakeId) return `${name}: its clip does not come from its original`;
    const got = facts.originals.get(scene.originalTakeId);
    if (got === undefined) return `${name}: its original has no URL`;
    if ('error' in got) return `${name}: ${got.error}`;
    return got.sha256 === root.sha256 ? null : `${name}: its original's URL gives other bytes`;
  });
}

function framesAddUp(facts: QuietFacts): string[] {
  const takes = new Map(facts.takes.map((take) => [take.id, take]));
  const projects = Map.groupBy(facts.scenes, (scene) => scene.projectId);
  const places = [...projects].flatMap(([projectId, scenes]) => {
    let next: number | null = 0;
    return [...scenes]
      .sort((a, b) => a.sequence - b.sequence)
      .flatMap((scene, index) => {
        const wrong: string[] = [];
        const name = `project ${projectId}, scene ${scene.sequence}`;
        if (scene.sequence !== index + 1) wrong.push(`${name} stands at place ${index + 1}`);
        if (scene.startFrame !== next) wrong.push(`${name} starts at ${scene.startFrame}, not at ${next}`);
        const take = scene.currentTakeId === null ? undefined : takes.get(scene.currentTakeId);
        if (take !== undefined && take.frames !== scene.frames) {
          wrong.push(`${name} has ${scene.frames} frames, its take ${take.frames}`);
        }
        next = next === null || scene.frames === null ? null : next + scene.frames;
        return wrong;
      });
  });
  const lengths = list(facts.takes, (take) => {
    const counted = facts.framesInFile.get(take.key);
    const name = `${take.kind} ${take.id}`;
    if (take.kind === 'image') return null;
    if (counted !== undefined && counted !== take.frames) {
      return `${name}: the row says ${take.frames} frames, the file has ${counted}`;
    }
    const parent = take.parentId === null ? undefined : takes.get(take.parentId);
    if (take.kind === 'trimmed') {
      const shown = (take.trimOut ?? 0) - (take.trimIn ?? 0);
      const asked = Math.floor(((take.frames ?? 0) - 1) * (take.speed ?? 1) + 1e-6) + 1;
      // Where the clip ends before its slot does, the rest is held or played back and forth.
      const reachesEnd = parent !== undefined && take.trimOut === (parent.sourceFrames ?? parent.frames);
      if (shown !== asked && !(shown > 0 && shown < asked && reachesEnd)) {
        return `${name}: [${take.trimIn}, ${take.trimOut}) is not what ${take.frames} frames show`;
      }
    }
    if (take.kind === 'lipsynced' && parent !== undefined && parent.frames !== take.frames) {
      return `${name}: ${take.frames} frames, its clip has ${parent.frames}`;
    }
    const slice = (take.audioEnd ?? 0) - (take.audioStart ?? 0);
    return slice > (take.frames ?? 0) ? `${name}: synced to ${slice} frames of song` : null;
  });
  const videos = list(facts.compositions, (video) => {
    const sum = video.timeline.reduce((frames, scene) => frames + scene.frames, 0);
    const counted = facts.framesInFile.get(video.key);
    const frames = [video.frames, ...(counted === undefined ? [] : [counted])];
    return frames.every((one) => one === sum)
      ? null
      : `composition ${video.id}: scenes ${sum}, row ${video.frames}, file ${counted}`;
  });
  return [...places, ...lengths, ...videos];
}

function everyJobEnds(facts: QuietFacts): string[] {
  return list(facts.activeJobs, (job) => `${job.kind} ${job.id} is still ${job.state} (${job.entryState})`);
}

function noFileIsLeft(facts: QuietFacts): string[] {
  return list(facts.filesLeft, ({ machine, path, reason }) =>
    reason === null ? `${machine}: ${path}` : null,
  );
}

function noProcessIsLeft(facts: QuietFacts): string[] {
  return [...facts.processesLeft];
}

function everyObjectIsKnown(facts: QuietFacts): string[] {
  return [...facts.unknownObjects];
}

/**
 * Each create of a vendor stands in the studio's own ledger, once; what does not is a call whose answer was
 * lost and that people were told of. No job is paid for twice, but where a person asked anew.
 */
function oneCreatePerPaidJob(facts: QuietFacts): string[] {
  const known = new Set(facts.ledger.map((call) => `${call.provider} ${call.remoteId}`));
  const providers = Map.groupBy(facts.paidCreates, (create) => create.provider);
  const strangers = [...providers].flatMap(([provider, creates]) => {
    const strange = creates.filter(({ id }) => !known.has(`${provider} ${id}`));
    const lost = facts.ledger.filter((call) => call.provider === provider && call.state === 'unknown');
    return strange.length > lost.length
      ? [
          `${provider} made ${strange.map(({ id }) => id).join(', ')}; only ${lost.length} calls are known to be lost`,
        ]
      : [];
  });
  const jobs = Map.groupBy(facts.ledger, (call) => call.jobId);
  const twice = [...jobs].flatMap(([jobId, calls]) => {
    const paid = calls.filter((call) => call.state === 'succeeded');
    return paid.length > 1 ? [`job ${jobId} was paid for ${paid.length} times`] : [];
  });
  return [...strangers, ...twice];
}

function secretsStayHome(facts: QuietFacts): string[] {
  return [...facts.leaks];
}

function retriesSucceed(facts: QuietFacts): string[] {
  return list(facts.retried, ({ jobId, kind, firstError, state, error }) =>
    state === 'succeeded' || state === 'canceled'
      ? null
      : `${kind} ${jobId} failed with ${firstError}, and again with all well: ${state} ${error}`,
  );
}

/** What is looked at when everything was healed. */
export const quietInvariants: Record<string, (facts: QuietFacts) => string[]> = {
  'acknowledged-uploads-are-kept': acknowledgedUploadsAreKept,
  'takes-are-stored': takesAreStored,
  'takes-never-vanish': takesNeverVanish,
  'originals-are-reachable': originalsAreReachable,
  'frames-add-up': framesAddUp,
  'every-job-ends': everyJobEnds,
  'no-file-is-left': noFileIsLeft,
  'no-process-is-left': noProcessIsLeft,
  'every-object-is-known': everyObjectIsKnown,
  'one-create-per-paid-job': oneCreatePerPaidJob,
  'secrets-stay-home': secretsStayHome,
  'retries-succeed': retriesSucceed,
};

/** While everything breaks: a file whose upload is not confirmed is where its row says. */
export function filesStayUntilConfirmed(uploads: readonly OpenUpload[]): string[] {
  return list(uploads, ({ state, fileExists, machine, path, id }) =>
    state === 'pending' && !fileExists ? `${machine}: ${path} (upload ${id})` : null,
  );
}

/** While everything breaks: what was deleted is in S3. */
export function deletedFilesAreStored(files: readonly DeletedFile[]): string[] {
  return list(files, ({ machine, path, key, stored }) =>
    stored === 'same'
      ? null
      : `${machine} deleted ${path}, and ${key} ${stored === 'missing' ? 'is not in S3' : 'has other bytes'}`,
  );
}

/**
 * While everything breaks: no job waits longer for its dead worker than heartbeat and look-out take.
 * `watchedSeconds`: for how long the database and one worker have been up without a break.
 */
export function nothingIsStuck(jobs: readonly ActiveJob[], watchedSeconds: number): string[] {
  const isLate = (seconds: number | null, limit: number) =>
    seconds !== null && Math.min(seconds, watchedSeconds) > limit + SLACK_SECONDS;
  return list(jobs, (job) => {
    const name = `${job.kind} ${job.id} (${job.state}, entry ${job.entryState})`;
    if (job.state === 'running' && job.entryState === 'active') {
      return isLate(job.heartbeatSeconds, TAKEN_OVER_SECONDS)
        ? `${name}: its worker was last heard of ${Math.round(job.heartbeatSeconds ?? 0)} s ago`
        : null;
    }
    if (job.waitsForFiles) return null;
    const limit = job.wasQueued ? RECONCILED_SECONDS : ABANDONED_SECONDS + RECONCILED_SECONDS;
    const isDead = job.state === 'running' || !['created', 'retry', 'active'].includes(job.entryState ?? '');
    return isDead && isLate(job.idleSeconds, limit)
      ? `${name}: idle for ${Math.round(job.idleSeconds)} s`
      : null;
  });
}

/** A process settles within this time: caches, compiled code, pools. */
const SETTLED_SECONDS = 60;
/** Shortest life of which growth can be told from the ups and downs of collecting garbage. */
const LONG_LIFE_SECONDS = 150;
/** More than this is no small studio any more, whatever its age: three times what one takes at rest. */
const MOST_MEBIBYTES = 900;
const MOST_GROWTH = 1.25;
const GROWTH_NOISE_MEBIBYTES = 48;

/** Processes don't grow: the last third of a long life is as its first third, once it was warm. */
export function memoryIsFlat(samples: readonly MemorySample[]): string[] {
  const lives = Map.groupBy(samples, ({ process, pid }) => `${process} ${pid}`);
  return [...lives].flatMap(([name, life]) => {
    const most = Math.max(...life.map((sample) => sample.mebibytes));
    if (most > MOST_MEBIBYTES) return [`${name} took ${Math.round(most)} MiB`];
    const warm = life.filter((sample) => sample.ageSeconds > SETTLED_SECONDS);
    const age = Math.max(...life.map((sample) => sample.ageSeconds));
    if (age < LONG_LIFE_SECONDS || warm.length < 9) return [];
    const third = Math.floor(warm.length / 3);
    const early = median(warm.slice(0, third));
    const late = median(warm.slice(-third));
    return late > early * MOST_GROWTH + GROWTH_NOISE_MEBIBYTES
      ? [`${name} grew from ${Math.round(early)} to ${Math.round(late)} MiB in ${Math.round(age)} s`]
      : [];
  });
}

function median(samples: readonly MemorySample[]): number {
  const sorted = samples.map((sample) => sample.mebibytes).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

export const liveInvariantNames = [
  'files-stay-until-confirmed',
  'deleted-files-are-stored',
  'nothing-is-stuck',
  'memory-is-flat',
] as const;

export const named = (invariant: string, found: readonly string[]): Violation[] =>
  found.map((what) => ({ invariant, what }));
