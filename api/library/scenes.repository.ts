import { changedColumns, jsonb } from '../../db/columns';
import type { Queryable } from '../../db/connect';
import type { KeptWindow } from '../contract/window.schema';
import { binScenes } from './bin.repository';
import { type SceneLastError, type SceneRow, tryingAgainCanHelp } from './scenes.rules';
import { findTakes } from './takes.repository';
import type { TakeRow } from './takes.rules';

type FlatScene = Omit<SceneRow, 'imageTake' | 'originalTake' | 'currentTake' | 'lipsyncTake'> & {
  imageTakeId: string | null;
  originalTakeId: string | null;
  currentTakeId: string | null;
  lipsyncTakeId: string | null;
};

const columns = [
  'id',
  'projectId',
  'sequence',
  'prompt',
  'negativePrompt',
  'slotFrames',
  'window',
  'imageTakeId',
  'originalTakeId',
  'currentTakeId',
  'lipsyncTakeId',
  'createdAt',
  'updatedAt',
] as const satisfies (keyof FlatScene)[];
const facts = (sql: Queryable) => sql`
  ${sql(columns)},
  (select faces -> 'middle' from take_faces where take_id = scenes.original_take_id) as face_middle`;

async function withTakes(sql: Queryable, scenes: FlatScene[]): Promise<SceneRow[]> {
  const ids = scenes.flatMap((scene) => [
    scene.imageTakeId,
    scene.originalTakeId,
    scene.currentTakeId,
    scene.lipsyncTakeId,
  ]);
  const takes = await findTakes(sql, [...new Set(ids.filter((id) => id !== null))]);
  const byId = new Map<string, TakeRow>(takes.map((take) => [take.id, take]));
  const take = (id: string | null) => (id === null ? null : (byId.get(id) ?? null));
  return scenes.map(({ imageTakeId, originalTakeId, currentTakeId, lipsyncTakeId, ...scene }) => ({
    ...scene,
    imageTake: take(imageTakeId),
    originalTake: take(originalTakeId),
    currentTake: take(currentTakeId),
    lipsyncTake: take(lipsyncTakeId),
  }));
}

/** All scenes of a project in display order; deleted ones are not among them. */
export async function listScenes(sql: Queryable, projectId: string): Promise<SceneRow[]> {
  const scenes = await sql<FlatScene[]>`
    select ${facts(sql)} from scenes
    where project_id = ${projectId} and deleted_at is null order by sequence`;
  return withTakes(sql, scenes);
}

/** All scenes of those of the projects that have a lip-sync, each project's in order: a lip-sync's place depends on all. */
export async function listSyncedTimelines(sql: Queryable, projectIds: string[]): Promise<SceneRow[]> {
  if (projectIds.length === 0) return [];
  const scenes = await sql<FlatScene[]>`
    select ${sql(columns)} from scenes
    where deleted_at is null and project_id in (
      select project_id from scenes
      where project_id in ${sql(projectIds)} and lipsync_take_id is not null and deleted_at is null)
    order by project_id, sequence`;
  return withTakes(sql, scenes);
}

/** A scene by its id; null when it was deleted. */
export async function findSceneById(sql: Queryable, sceneId: string): Promise<SceneRow | null> {
  const scenes = await sql<FlatScene[]>`
    select ${facts(sql)} from scenes where id = ${sceneId} and deleted_at is null`;
  const [scene] = await withTakes(sql, scenes);
  return scene ?? null;
}

/** The scenes whose clip an original is; deleted ones are not among them. */
export async function listScenesOf(sql: Queryable, originalTakeId: string): Promise<Pick<SceneRow, 'id'>[]> {
  return sql<{ id: string }[]>`
    select id from scenes where original_take_id = ${originalTakeId} and deleted_at is null order by sequence`;
}

type NewScene = Pick<SceneRow, (typeof written)[number]>;
const written = ['id', 'projectId', 'sequence', 'prompt', 'negativePrompt', 'slotFrames'] as const;

/** Moves the scenes from a number on by one, to make room. */
export async function makeRoom(sql: Queryable, projectId: string, sequence: number): Promise<void> {
  await sql`
    update scenes set sequence = sequence + 1 where project_id = ${projectId} and sequence >= ${sequence}`;
}

/** Adds a scene at its number; those from there on move by one. */
export async function insertScene(sql: Queryable, scene: NewScene): Promise<void> {
  await makeRoom(sql, scene.projectId, scene.sequence);
  await sql`insert into scenes ${sql(scene, ...written)}`;
}

export async function updateScene(
  sql: Queryable,
  sceneId: string,
  { prompt, negativePrompt }: Partial<Pick<SceneRow, 'prompt' | 'negativePrompt'>>,
): Promise<void> {
  const columns = changedColumns(sceneId, { prompt, negativePrompt });
  await sql`update scenes set ${sql(columns)}, updated_at = now() where id = ${sceneId}`;
}

/** Puts a scene into the bin; those after it move up. */
export async function deleteScene(sql: Queryable, scene: SceneRow): Promise<void> {
  await binScenes(sql, [scene.id]);
  await sql`
    update scenes set sequence = sequence - 1
    where project_id = ${scene.projectId} and sequence > ${scene.sequence}`;
}

/** Numbers the scenes 1..n in the order of the ids. */
export async function renumberScenes(sql: Queryable, projectId: string, sceneIds: string[]): Promise<void> {
  await sql`
    update scenes set sequence = wanted.position, updated_at = now()
    from unnest(${sceneIds}::uuid[]) with ordinality as wanted (id, position)
    where scenes.id = wanted.id and scenes.project_id = ${projectId}`;
}

/** The takes that a scene shows, its length and its window; what is left out stays as it is. */
export type ScenePointers = {
  imageTakeId?: string | undefined;
  originalTakeId?: string | undefined;
  currentTakeId?: string | undefined;
  lipsyncTakeId?: string | null | undefined;
  slotFrames?: number | null;
  window?: KeptWindow | null;
};

/** Moves a scene's pointers to other takes. Nothing is overwritten: takes stay. */
export async function pointScene(
  sql: Queryable,
  sceneId: string,
  { window, ...pointers }: ScenePointers,
): Promise<void> {
  const { imageTakeId, originalTakeId, currentTakeId, lipsyncTakeId, slotFrames } = pointers;
  const columns = changedColumns(sceneId, {
    imageTakeId,
    originalTakeId,
    currentTakeId,
    lipsyncTakeId,
    slotFrames,
    window: window === undefined ? undefined : jsonb(sql, window),
  });
  await sql`update scenes set ${sql(columns)}, updated_at = now() where id = ${sceneId}`;
}

/** The error of each scene whose newest job failed, by scene id. */
export async function listLastErrors(
  sql: Queryable,
  projectId: string,
): Promise<Map<string, SceneLastError>> {
  const rows = await sql<
    {
      sceneId: string;
      id: string;
      kind: string;
      state: string;
      code: string | null;
      dismissedAt: Date | null;
      message: string | null;
      at: Date;
    }[]
  >`
    select distinct on (scene_id) scene_id, id, kind, state, error_code as code,
      dismissed_at, error_message as message, coalesce(finished_at, updated_at) as at
    from jobs where project_id = ${projectId} and scene_id is not null
      -- The fitting of a clip beside other work says nothing of that work, unless it failed itself.
      and (kind <> 'fit' or (state = 'failed' and not exists (
        select 1 from jobs later where later.scene_id = jobs.scene_id and later.kind = 'fit'
          and later.id <> jobs.id and later.created_at >= jobs.created_at)))
    order by scene_id, created_at desc, id desc`;
  return new Map(
    rows
      .filter((row) => row.state === 'failed' && row.dismissedAt === null)
      .map((row) => [
        row.sceneId,
        {
          jobId: row.id,
          kind: row.kind,
          code: row.code ?? 'InternalError',
          message: row.message ?? '',
          at: row.at.toISOString(),
          retryable: tryingAgainCanHelp(row.code ?? 'InternalError'),
        },
      ]),
  );
}
