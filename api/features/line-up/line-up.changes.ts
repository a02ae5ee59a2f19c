import type { Transaction } from '../../../db/connect';
import type { LineUpWindow } from '../../contract/line-up.schema';
import { keptDefaultWindow } from '../../contract/window.schema';
import type { Jobs } from '../../jobs/jobs.types';
import { copyTakes } from '../../library/copies.repository';
import { isFitJob } from '../../library/fit-jobs.rules';
import type { Fitting } from '../../library/fitting.types';
import { requireProject } from '../../library/projects.lookup';
import { touchProject } from '../../library/projects.repository';
import type { ProjectRow } from '../../library/projects.rules';
import { listScenes, pointScene } from '../../library/scenes.repository';
import { layOutTimeline, type SceneRow } from '../../library/scenes.rules';
import { lockSharedObjects } from '../../library/shared-objects.repository';
import { keptWindowOf, sourceFramesOf, windowOf } from '../../library/window.rules';
import type { NewId } from '../../shared/ids';
import type { KnownFinding } from './line-up.job';
import { type PlacedClip, type PlannedScene, planLineUp, type SlotToFill } from './line-up.rules';

/** What was heard of clips, against which song. */
export type Heard = { songId: string; findings: KnownFinding[] };

export type Plan = { scenes: PlannedScene[]; clips: (PlacedClip & { sequences: number[] })[] };

export type LineUpChanges = ReturnType<typeof createLineUpChanges>;

/** The sum of a scene's clip as it was brought; the same clip in other scenes has the same. */
const sumOf = (scene: SceneRow) => scene.originalTake?.sourceSha256 ?? scene.originalTake?.sha256 ?? null;

/** Plans from what was heard and how the scenes are now, and changes scenes to it. */
export function createLineUpChanges(deps: {
  newId: NewId;
  jobs: Pick<Jobs, 'list'>;
  fitting: Pick<Fitting, 'settle'>;
}) {
  const { newId, jobs, fitting } = deps;

  /** What lining up would change now. `recut`: these scenes may get another clip; `all`: every one. */
  function plan(
    of: { project: ProjectRow; scenes: SceneRow[]; busy: ReadonlySet<string> },
    heard: Heard,
    recut: ReadonlySet<number> | 'all',
  ): Plan {
    const { project, scenes } = of;
    const known = new Map(
      project.song?.id === heard.songId ? heard.findings.map((finding) => [finding.sha256, finding]) : [],
    );
    // Scenes of the same clip share a finding, told by the take of the first of them.
    const clips = new Map<string, Plan['clips'][number]>();
    for (const scene of scenes) {
      const { originalTake } = scene;
      const sum = sumOf(scene);
      const finding = sum === null ? undefined : known.get(sum);
      if (originalTake === null || sum === null || finding === undefined) continue;
      const clip = clips.get(sum);
      if (clip !== undefined) clip.sequences.push(scene.sequence);
      else
        clips.set(sum, {
          takeId: originalTake.id,
          sourceFrames: sourceFramesOf(originalTake),
          finding,
          sequences: [scene.sequence],
        });
    }
    const places = new Map(layOutTimeline(scenes).map((place) => [place.sceneId, place]));
    const slots = scenes.map((scene): SlotToFill => {
      const sum = sumOf(scene);
      const { inFrame, speed } = windowOf(scene);
      return {
        sceneId: scene.id,
        sequence: scene.sequence,
        startFrame: places.get(scene.id)?.startFrame ?? null,
        slotFrames: scene.slotFrames,
        takeId: (sum === null ? undefined : clips.get(sum)?.takeId) ?? scene.originalTake?.id ?? null,
        window: { inFrame, speed },
        busy: of.busy.has(scene.id),
      };
    });
    const refill = recut === 'all' ? new Set(scenes.map(({ sequence }) => sequence)) : recut;
    return {
      clips: [...clips.values()],
      scenes: planLineUp(slots, [...clips.values()], { fps: project.fps, refill }),
    };
  }

  /** The scenes that other work is being done on: their clip may be about to change. */
  async function busyScenes(projectId: string, on?: Transaction): Promise<Set<string>> {
    const active = await jobs.list({ projectId, states: ['queued', 'running'], limit: 2000 }, on);
    return new Set(
      active
        .filter((job) => !isFitJob(job) && job.kind !== 'line_up')
        .flatMap(({ sceneId }) => (sceneId === null ? [] : [sceneId])),
    );
  }

  /** Shows a clip in a scene, with its window; the scene's length and what it showed before stay. */
  async function show(
    tx: Transaction,
    scene: SceneRow,
    from: SceneRow,
    { inFrame, speed }: LineUpWindow,
  ): Promise<void> {
    const isOwn = sumOf(scene) === sumOf(from);
    const original = from.originalTake;
    if (original === null) return;
    let originalTakeId = scene.originalTake?.id;
    if (!isOwn) {
      originalTakeId = newId();
      await lockSharedObjects(tx);
      await copyTakes(tx, {
        fromProjectId: scene.projectId,
        toProjectId: scene.projectId,
        songs: new Map(),
        scenes: new Map([[from.id, scene.id]]),
        takes: new Map([[original.id, originalTakeId]]),
      });
    }
    const window = { ...(isOwn ? keptWindowOf(scene) : keptDefaultWindow), inFrame, speed };
    // What was filmed to the song is in sync by itself.
    await pointScene(tx, scene.id, {
      ...(originalTakeId === undefined ? {} : { originalTakeId }),
      window,
      lipsyncTakeId: null,
    });
    await fitting.settle(tx, scene.id, 'soon');
  }

  /** Changes those scenes of a plan that `wanted` takes. Returns their numbers. */
  async function apply(
    tx: Transaction,
    projectId: string,
    of: { heard: Heard; recut: ReadonlySet<number> | 'all'; wanted: (scene: PlannedScene) => boolean },
  ): Promise<number[]> {
    const project = await requireProject(tx, projectId);
    const scenes = await listScenes(tx, projectId);
    const busy = await busyScenes(projectId, tx);
    const planned = plan({ project, scenes, busy }, of.heard, of.recut);
    const byId = new Map(scenes.map((scene) => [scene.id, scene]));
    const changed: number[] = [];
    for (const next of planned.scenes) {
      if (next.change === 'none' || next.window === null || !of.wanted(next)) continue;
      const scene = byId.get(next.sceneId);
      const from = scenes.find(({ originalTake }) => originalTake?.id === next.takeId);
      if (scene === undefined || from === undefined) continue;
      await show(tx, scene, next.change === 'window' ? scene : from, next.window);
      changed.push(next.sequence);
    }
    if (changed.length > 0) await touchProject(tx, projectId);
    return changed;
  }

  return {
    plan,
    busyScenes,
    apply,

    /** Lines up the scenes whose place is certain. With the project's lock held. */
    applyCertain: (
      tx: Transaction,
      projectId: string,
      of: { heard: Heard; scenes: number[] | null; recut: boolean },
    ): Promise<number[]> => {
      const asked = of.scenes === null ? null : new Set(of.scenes);
      return apply(tx, projectId, {
        heard: of.heard,
        recut: of.recut ? (asked ?? 'all') : new Set(),
        wanted: ({ confidence, sequence }) =>
          confidence === 'certain' && (asked === null || asked.has(sequence)),
      });
    },
  };
}
