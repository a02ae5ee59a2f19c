import type { Database } from '../../../db/connect';
import type { Job } from '../../contract/job.schema';
import type {
  ApplyLineUp,
  LineUp,
  LineUpPlace,
  SceneLineUp,
  StartLineUp,
} from '../../contract/line-up.schema';
import type { Events } from '../../events/events.types';
import type { Jobs } from '../../jobs/jobs.types';
import { projectHasNoSong, sceneHasNoVideo, sceneNotFound } from '../../library/projects.errors';
import { requireProject, requireScene } from '../../library/projects.lookup';
import { lockProject } from '../../library/projects.repository';
import type { ProjectRow } from '../../library/projects.rules';
import type { Presign } from '../../library/projects.view';
import { listScenes } from '../../library/scenes.repository';
import type { SceneRow } from '../../library/scenes.rules';
import type { Heard, LineUpChanges } from './line-up.changes';
import { lineUpJob } from './line-up.job';
import { coveredFrames, type FoundPlace, type PlacedClip } from './line-up.rules';

export type LineUpUsecases = ReturnType<typeof createLineUpUsecases>;

/** What was heard lately is read from so many jobs; each remembers all clips that it listened to. */
const REMEMBERED_JOBS = 100;

/** Where clips that were filmed to the song belong in it. */
export function createLineUpUsecases(deps: {
  sql: Database;
  jobs: Pick<Jobs, 'create' | 'list'>;
  events: Pick<Events, 'publish'>;
  presign: Presign;
  changes: LineUpChanges;
}) {
  const { sql, jobs, events, presign, changes } = deps;

  /** What was heard of clips against the project's song, the newest of each. */
  async function heardOf(project: ProjectRow): Promise<Heard> {
    const songId = project.song?.id ?? '';
    const done = await jobs.list({
      projectId: project.id,
      kinds: ['line_up'],
      states: ['succeeded'],
      limit: REMEMBERED_JOBS,
    });
    const results = done.map(lineUpJob.resultOf).filter((result) => result.songId === songId);
    const findings = new Map(
      results.toReversed().flatMap((result) => result.findings.map((finding) => [finding.sha256, finding])),
    );
    return { songId, findings: [...findings.values()] };
  }

  async function create(
    project: ProjectRow,
    of: { sceneId: string | null; scenes: SceneRow[] },
    apply: { scenes: number[] | null; recut: boolean } | null,
  ): Promise<Job> {
    const { song } = project;
    if (song === null) throw projectHasNoSong();
    const bySum = new Map(
      of.scenes.flatMap(({ originalTake }) =>
        originalTake === null ? [] : [[originalTake.sourceSha256 ?? originalTake.sha256, originalTake.id]],
      ),
    );
    return sql.begin(async (tx) => {
      await lockProject(tx, project.id);
      return jobs.create(
        tx,
        lineUpJob.newJob({
          projectId: project.id,
          sceneId: of.sceneId,
          options: { songId: song.id, takeIds: [...bySum.values()], apply },
          enqueue: true,
        }),
      );
    });
  }

  const presentPlace = (place: FoundPlace, fps: number): LineUpPlace => {
    const start = Math.round(place.offsetSeconds * fps);
    return {
      startFrame: Math.max(0, start),
      inFrame: start >= 0 ? 0 : Math.round((-place.offsetSeconds / place.rate) * fps),
      offsetSeconds: place.offsetSeconds,
      speed: 1 / place.rate,
    };
  };

  async function read(projectId: string, recut: boolean): Promise<LineUp> {
    const project = await requireProject(sql, projectId);
    const heard = await heardOf(project);
    const scenes = await listScenes(sql, project.id);
    const busy = await changes.busyScenes(project.id);
    const planned = changes.plan({ project, scenes, busy }, heard, recut ? 'all' : new Set());
    const takes = new Map(scenes.map(({ originalTake }) => [originalTake?.id, originalTake]));
    const presentClip = async (clip: PlacedClip & { sequences: number[] }) => {
      const take = takes.get(clip.takeId) ?? null;
      const { place, alternatives, confidence, likelihood } = clip.finding;
      return {
        takeId: clip.takeId,
        name: take?.sourceName ?? null,
        posterUrl: take?.posterKey == null ? null : await presign(take.posterKey),
        sequences: clip.sequences,
        confidence,
        likelihood,
        place: place === null ? null : presentPlace(place, project.fps),
        alternatives: alternatives.map((other) => presentPlace(other, project.fps)),
        covers: place === null ? null : coveredFrames(clip, place, project.fps),
      };
    };
    return {
      songId: project.song?.id ?? null,
      clips: await Promise.all(planned.clips.map(presentClip)),
      scenes: planned.scenes,
    };
  }

  return {
    /** What is known of the project's clips, and what lining up would change now. @throws AppError `ProjectNotFound` */
    read,

    /**
     * Listens to all clips of the project.
     * @throws AppError `ProjectNotFound`, `ProjectHasNoSong`, `SceneNotFound`, `ProjectBusy`
     */
    async start(projectId: string, { scenes: asked, recut, apply }: StartLineUp): Promise<Job> {
      const project = await requireProject(sql, projectId);
      const scenes = await listScenes(sql, project.id);
      const numbers = new Set(scenes.map(({ sequence }) => sequence));
      const unknown = asked?.find((sequence) => !numbers.has(sequence));
      if (unknown !== undefined) throw sceneNotFound(String(unknown), scenes.length);
      return create(project, { sceneId: null, scenes }, apply ? { scenes: asked ?? null, recut } : null);
    },

    /**
     * Listens to a scene's clip.
     * @throws AppError `ProjectNotFound`, `SceneNotFound`, `ProjectHasNoSong`, `SceneHasNoVideo`, `SceneBusy`
     */
    async startScene(projectId: string, sequence: string, apply: boolean): Promise<Job> {
      const project = await requireProject(sql, projectId);
      const { scene } = await requireScene(sql, project, sequence);
      if (scene.originalTake === null) throw sceneHasNoVideo(scene.sequence);
      return create(
        project,
        { sceneId: scene.id, scenes: [scene] },
        apply ? { scenes: [scene.sequence], recut: false } : null,
      );
    },

    /** Where a scene's clip was filmed. @throws AppError `ProjectNotFound`, `SceneNotFound` */
    async readScene(projectId: string, sceneId: string): Promise<SceneLineUp> {
      const { clips, scenes } = await read(projectId, false);
      const scene = scenes.find((other) => other.sceneId === sceneId);
      if (scene === undefined) throw sceneNotFound(sceneId, scenes.length);
      const clip = clips.find(({ sequences }) => sequences.includes(scene.sequence));
      const place = clip?.place ?? null;
      return {
        belongs: place !== null,
        confidence: clip?.confidence ?? 'none',
        likelihood: clip?.likelihood ?? 0,
        place: place === null ? null : { startFrame: place.startFrame, inFrame: place.inFrame },
        offsetSeconds: place?.offsetSeconds ?? null,
        speed: place?.speed ?? null,
        alternatives: clip?.alternatives ?? [],
        scene,
      };
    },

    /**
     * Lines up scenes as proposed; those that need no change or can't be lined up stay.
     * @throws AppError `ProjectNotFound`, `SceneNotFound`
     */
    async apply(projectId: string, { scenes: asked, recut }: ApplyLineUp): Promise<LineUp> {
      const project = await requireProject(sql, projectId);
      const heard = await heardOf(project);
      const wanted = new Set(asked);
      await sql.begin(async (tx) => {
        await lockProject(tx, project.id);
        const scenes = await listScenes(tx, project.id);
        const unknown = asked.find((number) => !scenes.some(({ sequence }) => sequence === number));
        if (unknown !== undefined) throw sceneNotFound(String(unknown), scenes.length);
        // The same plan as was shown, of which only what is wanted is done.
        const changed = await changes.apply(tx, project.id, {
          heard,
          recut: recut ? 'all' : new Set(),
          wanted: ({ sequence }) => wanted.has(sequence),
        });
        if (changed.length === 0) return;
        await events.publish(tx, project.id, {
          type: 'project.changed',
          payload: { reason: 'scenes.lined-up' },
        });
      });
      return read(project.id, recut);
    },
  };
}
