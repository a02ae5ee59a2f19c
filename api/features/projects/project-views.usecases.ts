import { LRUCache } from 'lru-cache';
import type { Project } from '../../contract/project.schema';
import type { RevisionOf } from '../../library/project-revisions.repository';
import { isId } from '../../library/projects.lookup';

/** The JSON of a project and what it was made of. */
export type ProjectView = { etag: string; body: Uint8Array<ArrayBuffer> };

/** Memory of all views that are kept: about 250 projects of 60 scenes. */
const KEPT_BYTES = 64 * 1024 * 1024;
/** A project that changes this often while it is read is answered without being kept. */
const BUILDS = 3;

const encoder = new TextEncoder();

/**
 * Answers reads of projects from views made earlier, as long as the database says that nothing they
 * show has changed (project_revisions) and the URLs in them are still those that are given now.
 * Correct over any number of processes: each read asks the database for the revision first.
 */
export function createProjectViews(deps: {
  revisionOf: RevisionOf;
  read: (projectId: string) => Promise<Project>;
  /** Names the URLs of media that the caller is given now. */
  urlVersion: () => string;
}) {
  const { revisionOf, read, urlVersion } = deps;
  const views = new LRUCache<string, ProjectView>({
    maxSize: KEPT_BYTES,
    sizeCalculation: (view) => view.body.length + 200,
  });
  const building = new Map<string, Promise<ProjectView | null>>();

  const nameOf = (revision: number) => `"${revision}-${urlVersion()}"`;

  /** The view at a revision; null when the project changes faster than it can be read. */
  async function build(projectId: string, first: number): Promise<ProjectView | null> {
    let revision = first;
    for (let attempt = 0; attempt < BUILDS; attempt++) {
      const etag = nameOf(revision);
      const project = await read(projectId);
      // What was read in several queries is one state only when nothing was committed in between.
      const after = await revisionOf(projectId);
      if (after === revision) {
        const view = { etag, body: encoder.encode(JSON.stringify(project)) };
        views.set(`${projectId} ${urlVersion()}`, view);
        return view;
      }
      if (after === null) return null;
      revision = after;
    }
    return null;
  }

  /** The project as it is now; null when it is not there or can't be kept: read it then. */
  return async (id: string): Promise<ProjectView | null> => {
    if (!isId(id)) return null;
    const projectId = id.toLowerCase();
    const revision = await revisionOf(projectId);
    if (revision === null) return null;
    const etag = nameOf(revision);
    const known = views.get(`${projectId} ${urlVersion()}`);
    if (known?.etag === etag) return known;
    const name = `${projectId} ${etag}`;
    const begun = building.get(name) ?? build(projectId, revision).finally(() => building.delete(name));
    building.set(name, begun);
    return begun;
  };
}

export type ReadProjectView = ReturnType<typeof createProjectViews>;
