import * as v from 'valibot';
import type { Queryable } from '../../db/connect';
import { IdSchema } from '../contract/ids.schema';
import { limits } from '../shared/limits';
import { sceneGone } from './completions.errors';
import { projectNotFound, sceneNotFound, tooManyScenes } from './projects.errors';
import { findProject } from './projects.repository';
import type { ProjectRow } from './projects.rules';
import { listScenes } from './scenes.repository';
import type { SceneRow } from './scenes.rules';

/** Whether a text can be an id at all; anything else is simply not found. */
export function isId(text: string): boolean {
  return v.is(IdSchema, text);
}

/** @throws AppError `ProjectNotFound` */
export async function requireProject(sql: Queryable, projectId: string): Promise<ProjectRow> {
  const project = isId(projectId) ? await findProject(sql, projectId) : null;
  if (project === null) throw projectNotFound(projectId);
  return project;
}

/**
 * A scene by its number as it stood in the URL, with all scenes of the project around it.
 * @throws AppError `SceneNotFound`
 */
export async function requireScene(
  sql: Queryable,
  project: ProjectRow,
  sequence: string,
): Promise<{ scene: SceneRow; scenes: SceneRow[] }> {
  const scenes = await listScenes(sql, project.id);
  const scene = /^\d{1,9}$/.test(sequence)
    ? scenes.find((candidate) => candidate.sequence === Number(sequence))
    : undefined;
  if (scene === undefined) throw sceneNotFound(sequence, scenes.length);
  return { scene, scenes };
}

/**
 * A scene of the project by its id, wherever it stands now.
 * @throws AppError `SceneNotFound`
 */
export async function requireSceneById(
  sql: Queryable,
  project: ProjectRow,
  sceneId: string,
): Promise<SceneRow> {
  const scenes = await listScenes(sql, project.id);
  const scene = scenes.find((candidate) => candidate.id === sceneId);
  if (scene === undefined) throw sceneGone();
  return scene;
}

/** @throws AppError 422 `TooManyScenes` when a project with `count` scenes may have no more */
export function requireSceneCapacity(count: number): void {
  if (count >= limits.scenesPerProject) throw tooManyScenes(limits.scenesPerProject);
}
