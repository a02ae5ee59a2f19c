import type { Queryable } from '../../db/connect';
import type { ProjectCard, ProjectState } from '../contract/project.schema';
import { framesToSeconds } from '../shared/frames';
import { isOutOfDate, type ShownScene, type Timeline } from './compositions.rules';
import { syncOf } from './lipsync.rules';
import type { ProjectRow } from './projects.rules';
import { type Presign, presentSummary } from './projects.view';
import { listSyncedTimelines } from './scenes.repository';
import { layOutTimeline, type SceneRow, songFrames } from './scenes.rules';

/** What a project's card shows besides its texts, as the database adds it up. */
export type CardFacts = {
  projectId: string;
  /** Of the scenes' current clips. */
  frames: number;
  scenes: ShownScene[];
  activeJobs: number;
  failedScenes: number;
  /** Scenes whose lip-sync no longer is of what is sung under them. */
  staleLipsyncs: number;
  posterKey: string | null;
  imageKey: string | null;
  clipKey: string | null;
  timeline: Timeline | null;
};

/** The facts of several projects in one query. The poster is the first scene's that has a picture. */
export async function listCardFacts(sql: Queryable, projects: ProjectRow[]): Promise<CardFacts[]> {
  if (projects.length === 0) return [];
  const projectIds = projects.map(({ id }) => id);
  const facts = await sql<Omit<CardFacts, 'staleLipsyncs'>[]>`
    select p.id as project_id,
      coalesce((select sum(t.frames) from scenes s join takes t on t.id = s.current_take_id
        where s.project_id = p.id and s.deleted_at is null), 0)::int as frames,
      (select coalesce(json_agg(json_build_object(
          'takeId', s.current_take_id, 'frames', coalesce(s.slot_frames, t.frames)) order by s.sequence), '[]')
        from scenes s left join takes t on t.id = s.current_take_id
        where s.project_id = p.id and s.deleted_at is null) as scenes,
      (select count(*) from jobs j where j.project_id = p.id and j.state in ('queued', 'running'))::int
        as active_jobs,
      (select count(*) from scenes s where s.project_id = p.id and s.deleted_at is null and (
        select j.state from jobs j where j.scene_id = s.id order by j.created_at desc limit 1
      ) = 'failed')::int as failed_scenes,
      (select coalesce(clip.poster_key, image.poster_key) from scenes s
        left join takes clip on clip.id = s.current_take_id
        left join takes image on image.id = s.image_take_id
        where s.project_id = p.id and s.deleted_at is null and coalesce(clip.poster_key, image.poster_key) is not null
        order by s.sequence limit 1) as poster_key,
      (select t.s3_key from scenes s join takes t on t.id = s.image_take_id
        where s.project_id = p.id and s.deleted_at is null order by s.sequence limit 1) as image_key,
      (select t.s3_key from scenes s join takes t on t.id = s.current_take_id
        where s.project_id = p.id and s.deleted_at is null order by s.sequence limit 1) as clip_key,
      (select c.timeline from compositions c where c.project_id = p.id order by c.created_at desc limit 1)
        as timeline
    from projects p where p.id in ${sql(projectIds)}`;
  const synced = Map.groupBy(await listSyncedTimelines(sql, projectIds), (scene) => scene.projectId);
  const staleOf = new Map(projects.map((project) => [project.id, countStale(project, synced)]));
  return facts.map((fact) => ({ ...fact, staleLipsyncs: staleOf.get(fact.projectId) ?? 0 }));
}

function countStale(project: ProjectRow, synced: Map<string, SceneRow[]>): number {
  const scenes = synced.get(project.id) ?? [];
  const { song, fps } = project;
  const sung = song === null ? null : { id: song.id, frames: songFrames(song, fps) };
  const placeOf = new Map(layOutTimeline(scenes).map((place) => [place.sceneId, place]));
  return scenes.filter((scene) => {
    const place = placeOf.get(scene.id);
    if (place === undefined) return false;
    return (syncOf(scene, place, sung, project)?.staleReason ?? null) !== null;
  }).length;
}

/** In what state a project is, the most pressing first. */
export function projectState(
  project: Pick<ProjectRow, 'song' | 'sceneCount'>,
  facts: Pick<CardFacts, 'activeJobs' | 'failedScenes' | 'staleLipsyncs' | 'scenes' | 'timeline'>,
): ProjectState {
  if (facts.activeJobs > 0) return 'working';
  if (facts.failedScenes > 0 || facts.staleLipsyncs > 0) return 'failed';
  if (facts.timeline !== null) {
    const outOfDate = isOutOfDate(facts.timeline, {
      songId: project.song?.id ?? null,
      scenes: facts.scenes,
    });
    return outOfDate ? 'outdated' : 'final';
  }
  if (project.song === null && facts.scenes.every(({ takeId }) => takeId === null)) return 'empty';
  const complete = facts.scenes.length > 0 && facts.scenes.every(({ takeId }) => takeId !== null);
  return project.song !== null && complete ? 'ready' : 'draft';
}

export async function presentCard(
  project: ProjectRow,
  facts: CardFacts,
  presign: Presign,
): Promise<ProjectCard> {
  return {
    ...presentSummary(project),
    state: projectState(project, facts),
    duration: facts.frames === 0 ? null : framesToSeconds(facts.frames, project.fps),
    posterUrl: facts.posterKey === null ? null : await presign(facts.posterKey),
    posterImageUrl: facts.imageKey === null ? null : await presign(facts.imageKey),
    posterClipUrl: facts.clipKey === null ? null : await presign(facts.clipKey),
  };
}
