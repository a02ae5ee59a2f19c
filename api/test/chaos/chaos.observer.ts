import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { Project } from '../../contract/project.schema';
import { readMp4Tracks } from '../../media/mp4.boxes';
import { mediaFilesLeft } from '../../storage/media-files';
import { isNoSuchObject } from '../../storage/s3.client';
import { sha256 } from '../process.harness';
import { createApiClient } from '../studio.harness';
import { BUCKET, type ChaosStage } from './chaos.stage';
import type {
  ActiveJob,
  CompositionFact,
  JobFact,
  LedgerCall,
  OpenUpload,
  QuietFacts,
  SceneFact,
  StoredFact,
  TakeFact,
} from './chaos.types';

/** How long a question is asked again while the database or the store is being restarted. */
const PATIENCE_MS = 45_000;
/** Posters and filmstrips are made after all else, one take after the other. */
const PICTURES_WITHIN_MS = 30_000;

/** Repeats a question until it is answered: what it is asked of may be down just now. */
export async function insist<T>(ask: () => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
      await Bun.sleep(100);
    }
  }
}

export type Observer = ReturnType<typeof createObserver>;

/** Looks at the database, the store, the disks and the processes, past the studio. */
export function createObserver(stage: ChaosStage) {
  const { sql } = stage.postgres;
  const { s3 } = stage;
  const api = createApiClient(`${stage.url}/api/mv`);

  /** Which machine has the media root with an id; told by the marker in it. */
  async function machineOfRoot(): Promise<Map<string, (typeof stage.machines)[number]>> {
    const found = new Map<string, (typeof stage.machines)[number]>();
    for (const machine of stage.machines) {
      const marker = Bun.file(join(machine.mediaRoot, '.media-root-id'));
      if (await marker.exists()) found.set((await marker.text()).trim(), machine);
    }
    return found;
  }

  async function bytesOf(key: string): Promise<Uint8Array | null> {
    return insist(async () => {
      try {
        const object = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
        return (await object.Body?.transformToByteArray()) ?? new Uint8Array();
      } catch (error) {
        if (isNoSuchObject(error)) return null;
        throw error;
      }
    });
  }

  async function allKeys(): Promise<string[]> {
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const page = await insist(() =>
        s3.send(
          new ListObjectsV2Command({
            Bucket: BUCKET,
            ...(token === undefined ? {} : { ContinuationToken: token }),
          }),
        ),
      );
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.push(Key);
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
    return keys;
  }

  /** Rows of the outbox whose file is on a disk that is still there. */
  async function openUploads(): Promise<OpenUpload[]> {
    const ask = () =>
      insist(
        () => sql<{ id: string; state: string; path: string; root: string }[]>`
        select id, state, path, media_root_id as root from uploads where state in ('pending', 'confirmed')`,
      );
    const roots = await machineOfRoot();
    const looked: OpenUpload[] = [];
    for (const { id, state, path, root } of await ask()) {
      const machine = roots.get(root);
      if (machine === undefined) continue;
      const fileExists = await exists(join(machine.mediaRoot, path));
      looked.push({ id, state, path, machine: machine.name, fileExists });
    }
    if (looked.every((one) => one.fileExists)) return looked;
    // It may have been confirmed, and then deleted, between the two looks.
    const after = new Map((await ask()).map((row) => [row.id, row.state]));
    const still = await machineOfRoot();
    const names = new Set([...still.values()].map((machine) => machine.name));
    return looked.flatMap((one) => {
      const state = after.get(one.id);
      return state === undefined || !names.has(one.machine) ? [] : [{ ...one, state }];
    });
  }

  async function activeJobs(): Promise<ActiveJob[]> {
    return insist(async () => {
      const rows = await sql<(Omit<ActiveJob, 'waitsForFiles'> & { waitsForFiles: boolean })[]>`
        select j.id, j.kind, j.state, b.state::text as entry_state, j.entry_id is not null as was_queued,
          extract(epoch from now() - j.updated_at)::float8 as idle_seconds,
          extract(epoch from now() - b.heartbeat_on)::float8 as heartbeat_seconds,
          exists (select 1 from upload_batches ub join uploads u on u.batch_id = ub.id
            where u.state = 'pending' and (ub.job_id = j.id or ub.arguments ->> 'jobId' = j.id::text)
          ) as waits_for_files
        from jobs j left join pgboss.job b on b.id = j.entry_id
        where j.state in ('queued', 'running') order by j.created_at`;
      return [...rows];
    });
  }

  async function storedRows(): Promise<StoredFact[]> {
    return insist(async () => {
      const rows = await sql<StoredFact[]>`
        select 'take' as what, id, project_id, scene_id, job_id, s3_key as key, sha256 from takes
        union all select 'source', id, project_id, scene_id, job_id, source_key, source_sha256 from takes
          where source_key is not null
        union all select 'sound', id, project_id, scene_id, job_id, sound_key, sound_sha256 from takes
          where sound_key is not null
        union all select 'song', id, project_id, null, null, k.key, k.sha from songs,
          lateral (values (source_key, source_sha256), (master_key, master_sha256),
            (encoded_key, encoded_sha256)) as k (key, sha)
        union all select 'composition', id, project_id, null, job_id, s3_key, sha256 from compositions`;
      return [...rows];
    });
  }

  async function takes(): Promise<TakeFact[]> {
    return insist(async () => [
      ...(await sql<TakeFact[]>`
        select id, scene_id, kind, parent_id, s3_key as key, sha256, frames, trim_in, trim_out,
          ("window" ->> 'speed')::float8 as speed, source_frames, audio_start, audio_end
        from takes`),
    ]);
  }

  const jobs = () =>
    insist(async () => [
      ...(await sql<JobFact[]>`
        select id, kind, state, project_id, scene_id, stage, attempt, provider, error_code, error_message,
          options ->> 'sourceKey' as source_key
        from jobs`),
    ]);

  const compositions = () =>
    insist(async () => [
      ...(await sql<CompositionFact[]>`
        select id, s3_key as key, frames, timeline -> 'scenes' as timeline from compositions`),
    ]);

  const ledger = () =>
    insist(async () => [
      ...(await sql<LedgerCall[]>`select id, job_id, provider, remote_id, number, state from provider_calls`),
    ]);

  async function apiProjects(): Promise<Project[]> {
    const ids = await insist(() => sql<{ id: string }[]>`select id from projects`);
    const found: Project[] = [];
    for (const { id } of ids) {
      const answer = await insist(async () => {
        const read = await api.call<Project>('GET', `/projects/${id}`);
        if (read.status !== 200 && read.status !== 404) throw new Error(`project ${id}: ${read.status}`);
        return read;
      });
      if (answer.status === 200) found.push(answer.body);
    }
    return found;
  }

  const verified = { frames: new Map<string, number>(), sha256: new Map<string, string>() };

  /** Hash and frames of what is in the store now. Objects never change: each is read once, then only listed. */
  async function readObjects(keys: readonly string[]): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'songreel-frames-'));
    for (const key of keys) {
      if (verified.sha256.has(key)) continue;
      const bytes = await bytesOf(key);
      if (bytes === null) continue;
      verified.sha256.set(key, sha256(bytes));
      if (!key.endsWith('.mp4') || key.includes('/sources/')) continue;
      const path = join(folder, 'object.mp4');
      await Bun.write(path, bytes);
      const video = (await readMp4Tracks(path))?.find((track) => track.kind === 'video');
      if (video !== undefined) verified.frames.set(key, video.samples);
    }
    await rm(folder, { recursive: true, force: true });
  }

  async function originalsOf(projects: readonly Project[]): Promise<QuietFacts['originals']> {
    const found: QuietFacts['originals'] = new Map();
    for (const scene of projects.flatMap((project) => project.scenes)) {
      const { originalTake, originalVideoClipUrl } = scene;
      if (originalTake === null || originalVideoClipUrl === null) continue;
      const response = await insist(() => api.media(originalVideoClipUrl));
      const bytes = new Uint8Array(await response.arrayBuffer());
      found.set(
        originalTake.id,
        response.ok ? { sha256: sha256(bytes) } : { error: `its original's URL answers ${response.status}` },
      );
    }
    return found;
  }

  /** Keys that some row of the database stands for. */
  async function knownKeys(): Promise<Set<string>> {
    const rows = await insist(
      () => sql<{ key: string }[]>`
        select s3_key as key from uploads where state in ('pending', 'confirmed')
        union select s3_key from object_deletions
        union select options ->> 'sourceKey' from jobs where options ? 'sourceKey'
        union select poster_key from takes where poster_key is not null
        union select filmstrip_key from takes where filmstrip_key is not null
        union select s3_key from images
        union select s3_key from videos union select sound_key from videos where sound_key is not null`,
    );
    return new Set(rows.map((row) => row.key));
  }

  return {
    openUploads,
    activeJobs,
    jobs,
    storedRows,
    takes,
    bytesOf,

    /** What S3 has of a file that was just deleted. */
    async storedAs(key: string, bytes: number): Promise<'same' | 'missing' | 'other'> {
      const object = await bytesOf(key);
      if (object === null) return 'missing';
      const [row] = await insist(
        () => sql<{ sha256: string }[]>`
        select sha256 from uploads where s3_key = ${key}`,
      );
      const isSame = object.length === bytes && (row === undefined || row.sha256 === sha256(object));
      return isSame ? 'same' : 'other';
    },

    /** Whether a key's object may be gone by now because it was asked to be deleted. */
    async isKeyWanted(key: string): Promise<boolean> {
      const rows = await insist(
        () => sql`
        select 1 from takes where ${key} in (s3_key, source_key, sound_key)
        union all select 1 from songs where ${key} in (source_key, master_key, encoded_key)
        union all select 1 from compositions where s3_key = ${key}`,
      );
      return rows.length > 0;
    },

    /**
     * Makes everything that waits for its next try due, as if that time had passed: the pauses after
     * failures grow to minutes, and how long they are is a matter of other tests.
     */
    async passTime(): Promise<void> {
      await insist(
        () => sql`update pgboss.job set start_after = now()
          where state in ('created', 'retry') and start_after > now()`,
      );
      await insist(
        () => sql`update uploads set next_attempt_at = now()
          where state = 'pending' and next_attempt_at > now()`,
      );
      await insist(
        () => sql`update object_deletions set next_attempt_at = now()
          where next_attempt_at between now() and now() + interval '10 minutes'`,
      );
    },

    async openWork(): Promise<{ jobs: ActiveJob[]; uploads: number; deletions: number }> {
      const [row] = await insist(
        () => sql<{ uploads: number; deletions: number }[]>`
        select (select count(*) from uploads where state in ('pending', 'confirmed'))::int as uploads,
          (select count(*) from object_deletions where next_attempt_at < now() + interval '10 minutes')::int
            as deletions`,
      );
      return { jobs: await activeJobs(), uploads: row?.uploads ?? 0, deletions: row?.deletions ?? 0 };
    },

    async quietFacts(): Promise<
      Pick<
        QuietFacts,
        | 'jobs'
        | 'stored'
        | 'objects'
        | 'takes'
        | 'scenes'
        | 'compositions'
        | 'framesInFile'
        | 'originals'
        | 'filesLeft'
        | 'processesLeft'
        | 'activeJobs'
        | 'unknownObjects'
        | 'ledger'
      >
    > {
      const keys = await allKeys();
      const stored = await storedRows();
      await readObjects(keys);
      const projects = await apiProjects();
      const present = new Set(keys);
      const known = await knownKeys();
      for (const { key } of stored) known.add(key);
      const scenes: SceneFact[] = projects.flatMap((project) =>
        project.scenes.map((scene) => ({
          id: scene.id,
          projectId: project.id,
          sequence: scene.sequence,
          startFrame: scene.startFrame,
          frames: scene.frames,
          currentTakeId: scene.currentTake?.id ?? null,
          originalTakeId: scene.originalTake?.id ?? null,
        })),
      );
      return {
        jobs: await jobs(),
        stored,
        objects: new Map([...verified.sha256].filter(([key]) => present.has(key))),
        takes: await takes(),
        scenes,
        compositions: await compositions(),
        framesInFile: verified.frames,
        originals: await originalsOf(projects),
        filesLeft: await filesLeft(),
        processesLeft: await programsLeft(),
        activeJobs: await activeJobs(),
        ledger: await ledger(),
        unknownObjects: keys.filter((key) => !known.has(key)),
      };
    },
  };

  /** Programs that run on when even pictures of takes, which no job waits for, are made. */
  async function programsLeft(): Promise<string[]> {
    const giveUpAt = performance.now() + PICTURES_WITHIN_MS;
    for (;;) {
      const programs = [...(await stage.programs()).values()];
      if (programs.length === 0 || performance.now() > giveUpAt) return programs;
      await Bun.sleep(100);
    }
  }

  /** Files that are kept on purpose, with the reason: of failed jobs, which a person may retry. */
  async function keptFiles(rootId: string): Promise<Map<string, string>> {
    const rows = await insist(
      () => sql<{ path: string; reason: string }[]>`
        select u.path, coalesce(u.last_error, 'given up') as reason
        from uploads u join upload_batches b on b.id = u.batch_id
          join jobs j on j.id::text = coalesce(b.job_id::text, b.arguments ->> 'jobId')
        where u.media_root_id::text = ${rootId} and u.state = 'failed' and j.state = 'failed'`,
    );
    return new Map(rows.map(({ path, reason }) => [path, reason]));
  }

  /** What is on the disks when all that goes by itself has had the time to. */
  async function filesLeft(): Promise<QuietFacts['filesLeft']> {
    const giveUpAt = performance.now() + PICTURES_WITHIN_MS;
    for (;;) {
      const left: QuietFacts['filesLeft'] = [];
      for (const [rootId, machine] of await machineOfRoot()) {
        const kept = await keptFiles(rootId);
        for (const file of await mediaFilesLeft(machine.mediaRoot, 0)) {
          const path = file.slice(machine.mediaRoot.length + 1);
          left.push({ machine: machine.name, path, reason: kept.get(path) ?? null });
        }
      }
      if (left.every(({ reason }) => reason !== null) || performance.now() > giveUpAt) return left;
      await Bun.sleep(200);
    }
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // There is no such file.
    return false;
  }
}
