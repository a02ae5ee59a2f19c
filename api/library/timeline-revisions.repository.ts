import { jsonb } from '../../db/columns';
import type { Queryable } from '../../db/connect';
import type { TimelineChange, TimelinePlace } from '../contract/timeline-change.schema';
import {
  type SceneSnapshot,
  type SnapshotColumn,
  snapshotColumns,
  type TimelineSnapshot,
} from './timeline-snapshot.rules';

/** More steps than anybody takes back one by one. */
const MOST_REVISIONS = 500;
/**
 * What the states of one project may take in the database, in bytes as it stores them: 500 of a project with 200
 * scenes take about 15 MiB; nobody fills a disk with words of 5000 characters in each of 1000 scenes.
 */
const MOST_BYTES = 32 * 1024 * 1024;
/** Words of one scene that come sooner than this after the last ones are one step. */
const GOES_ON_SECONDS = 5;

const columns = Object.keys(snapshotColumns) as SnapshotColumn[];

export type RevisionRow = {
  number: number;
  snapshot: TimelineSnapshot;
  summary: TimelineChange | null;
  caller: string | null;
};

/** The timeline as it is now; null when there is no such project. */
export async function readSnapshot(tx: Queryable, projectId: string): Promise<TimelineSnapshot | null> {
  const [project] = await tx<Omit<TimelineSnapshot, 'scenes'>[]>`
    select song_id, width, height, fps from projects where id = ${projectId}`;
  if (project === undefined) return null;
  const scenes = await tx<SceneSnapshot[]>`
    select ${tx(['id', ...columns])} from scenes
    where project_id = ${projectId} and deleted_at is null order by sequence`;
  return { ...project, scenes: [...scenes] };
}

/** Where a project is in its history, and whether that state knows every column of scenes. */
export async function findRevision(
  tx: Queryable,
  projectId: string,
): Promise<{ revision: number | null; isComplete: boolean }> {
  const [row] = await tx<{ revision: number | null; isComplete: boolean }[]>`
    select r.number as revision,
      coalesce((r.snapshot -> 'scenes' -> 0) ?& ${columns}::text[], true) as is_complete
    from projects p
    left join timeline_revisions r on r.project_id = p.id and r.number = p.timeline_revision
    where p.id = ${projectId}`;
  return row ?? { revision: null, isComplete: true };
}

/** The state that the project is at, and whether a change now could go on with its last one. */
export async function findHead(
  tx: Queryable,
  projectId: string,
): Promise<(RevisionRow & { isRecent: boolean; isNewest: boolean }) | null> {
  const [head] = await tx<(RevisionRow & { isRecent: boolean; isNewest: boolean })[]>`
    select r.number, r.snapshot, r.summary, r.caller,
      r.created_at > clock_timestamp() - make_interval(secs => ${GOES_ON_SECONDS}) as is_recent,
      not exists (
        select 1 from timeline_revisions later where later.project_id = r.project_id and later.number > r.number
      ) as is_newest
    from projects p join timeline_revisions r on r.project_id = p.id and r.number = p.timeline_revision
    where p.id = ${projectId}`;
  return head ?? null;
}

/** The state before or after the one that the project is at. */
export async function findNeighbour(
  tx: Queryable,
  projectId: string,
  head: number,
  direction: 'undo' | 'redo',
): Promise<RevisionRow | null> {
  const [row] = await (direction === 'undo'
    ? tx<RevisionRow[]>`
        select number, snapshot, summary, caller from timeline_revisions
        where project_id = ${projectId} and number < ${head} order by number desc limit 1`
    : tx<RevisionRow[]>`
        select number, snapshot, summary, caller from timeline_revisions
        where project_id = ${projectId} and number > ${head} order by number limit 1`);
  return row ?? null;
}

/**
 * Writes a state down as the newest one, where the project is from now on. What was undone can't be done again
 * any more; the oldest states make room.
 */
export async function insertRevision(
  tx: Queryable,
  projectId: string,
  revision: Omit<RevisionRow, 'number'>,
): Promise<void> {
  const { snapshot, summary, caller } = revision;
  await tx`
    delete from timeline_revisions
    where project_id = ${projectId}
      and number > (select timeline_revision from projects where id = ${projectId})`;
  await tx`
    with made as (
      insert into timeline_revisions (project_id, snapshot, summary, caller)
      values (${projectId}, ${jsonb(tx, snapshot)}, ${jsonb(tx, summary)}, ${caller})
      returning number
    )
    update projects set timeline_revision = made.number from made where projects.id = ${projectId}`;
  await tx`
    delete from timeline_revisions r using (
      select number, row_number() over newest as place, sum(pg_column_size(snapshot)) over newest as bytes
      from timeline_revisions where project_id = ${projectId}
      window newest as (order by number desc)
    ) kept
    where r.project_id = ${projectId} and r.number = kept.number and kept.place > 1
      and (kept.place > ${MOST_REVISIONS} or kept.bytes > ${MOST_BYTES})`;
}

/** Puts another state in the place of one, which stays the same step. */
export async function amendRevision(
  tx: Queryable,
  projectId: string,
  { number, snapshot }: Pick<RevisionRow, 'number' | 'snapshot'>,
  goesOn: boolean,
): Promise<void> {
  await tx`
    update timeline_revisions set snapshot = ${jsonb(tx, snapshot)},
      created_at = case when ${goesOn} then clock_timestamp() else created_at end
    where project_id = ${projectId} and number = ${number}`;
}

/** Says which state the project is at from now on, with the format that it has there. */
export async function moveHead(
  tx: Queryable,
  projectId: string,
  { number, width, height, fps }: Pick<RevisionRow, 'number'> & Omit<TimelineSnapshot, 'scenes' | 'songId'>,
): Promise<void> {
  await tx`
    update projects set timeline_revision = ${number}, width = ${width}, height = ${height}, fps = ${fps},
      updated_at = now()
    where id = ${projectId}`;
}

/** Where projects stand in their history, without the states themselves. */
export async function readTimelinePlace(sql: Queryable, projectId: string): Promise<TimelinePlace> {
  const [row] = await sql<TimelinePlace[]>`
    select p.timeline_revision as revision, head.summary as undo,
      (select later.summary from timeline_revisions later
        where later.project_id = p.id and later.number > p.timeline_revision order by later.number limit 1) as redo
    from projects p
    left join timeline_revisions head on head.project_id = p.id and head.number = p.timeline_revision
      and exists (select 1 from timeline_revisions earlier
        where earlier.project_id = p.id and earlier.number < head.number)
    where p.id = ${projectId}`;
  return row ?? { revision: null, undo: null, redo: null };
}

/** All steps of a project, newest first, without the states themselves. */
export async function listRevisions(
  sql: Queryable,
  projectId: string,
): Promise<(Omit<RevisionRow, 'snapshot'> & { createdAt: Date })[]> {
  return sql<(Omit<RevisionRow, 'snapshot'> & { createdAt: Date })[]>`
    select number, summary, caller, created_at from timeline_revisions
    where project_id = ${projectId} order by number desc`;
}

const snake = (column: string) => column.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** How a column gets its value from a scene of a snapshot: what the snapshot knows nothing of stays. */
const assignments = columns
  .map((column) => {
    const name = `"${snake(column)}"`;
    const value =
      snapshotColumns[column] === 'jsonb'
        ? `nullif(wanted.scene -> '${column}', 'null'::jsonb)`
        : `(wanted.scene ->> '${column}')::${snapshotColumns[column]}`;
    return `${name} = case when wanted.scene ? '${column}' then ${value} else scenes.${name} end`;
  })
  .join(', ');

/**
 * Brings scenes to what a snapshot says of them: their columns and numbers, deleted ones back. Takes that are
 * gone for good are left out.
 */
export async function restoreScenes(
  tx: Queryable,
  projectId: string,
  scenes: { sequence: number; scene: SceneSnapshot }[],
): Promise<void> {
  if (scenes.length === 0) return;
  await tx`
    with given as (
      select (entry ->> 'sequence')::integer as sequence, entry -> 'scene' as scene
      from jsonb_array_elements(${jsonb(tx, scenes)}) as entry
    ), wanted as (
      select sequence, scene || coalesce((
        select jsonb_object_agg(pointer.key, null) from jsonb_each_text(scene) as pointer
        where pointer.key like '%TakeId' and pointer.value is not null
          and not exists (select 1 from takes where takes.id = pointer.value::uuid)
      ), '{}') as scene from given
    )
    update scenes set ${tx.unsafe(assignments)}, sequence = wanted.sequence, deleted_at = null,
      deleted_sequence = null, updated_at = now()
    from wanted where scenes.id = (wanted.scene ->> 'id')::uuid and scenes.project_id = ${projectId}`;
}

/**
 * Forgets the states that need scenes or songs which are gone for good, and all that lies beyond them from where
 * the project is.
 */
export async function dropRevisionsWith(tx: Queryable, projectId: string, ids: string[]): Promise<void> {
  await dropBeyond(
    tx,
    projectId,
    tx`(r.snapshot ->> 'songId' = any(${ids}::text[]) or exists (
      select 1 from jsonb_array_elements(r.snapshot -> 'scenes') as scene where scene ->> 'id' = any(${ids}::text[])
    ))`,
  );
}

/** Forgets the steps from before a time. The state that the oldest step left began with stays. */
export async function dropOldRevisions(tx: Queryable, projectId: string, before: Date): Promise<void> {
  await dropBeyond(
    tx,
    projectId,
    tx`(case when r.number > p.timeline_revision then r.created_at < ${before} else exists (
      select 1 from timeline_revisions later where later.project_id = r.project_id and later.number > r.number
        and later.number <= p.timeline_revision and later.created_at < ${before}
    ) end)`,
  );
}

/** Forgets the states of which a condition on `r` is true, but the one that the project `p` is at, and those behind them. */
async function dropBeyond(
  tx: Queryable,
  projectId: string,
  condition: ReturnType<typeof tx<object[]>>,
): Promise<void> {
  await tx`
    with bounds as (
      select p.timeline_revision as head,
        max(r.number) filter (where r.number < p.timeline_revision) as below,
        min(r.number) filter (where r.number > p.timeline_revision) as above
      from timeline_revisions r join projects p on p.id = r.project_id
      where r.project_id = ${projectId} and ${condition}
      group by p.timeline_revision
    )
    delete from timeline_revisions r using bounds
    where r.project_id = ${projectId} and (r.number <= bounds.below or r.number >= bounds.above)`;
}
