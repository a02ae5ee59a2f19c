import { SvelteMap } from 'svelte/reactivity';
import type { Project } from '#contract/project.schema';
import type { Scene } from '#contract/scene.schema';
import type { ChangeWindow } from '#contract/window.schema';
import { withDraft } from './framing.rules.ts';

/** A hand that rests this long has chosen. */
const SETTLED_MS = 250;

type Draft = { change: ChangeWindow; timer: ReturnType<typeof setTimeout> | null };
/** Sends a change of a scene; resolves when the project shows it, or it was said that it failed. */
type Send = (sceneId: string, change: ChangeWindow) => Promise<unknown>;

/** Changes of windows that are shown already and not sent yet, or not yet in the project. */
export class WindowDrafts {
  readonly #drafts = new SvelteMap<string, Draft>();
  readonly #sending = new Map<string, Promise<void>>();
  readonly #send: Send;

  constructor(send: Send) {
    this.#send = send;
  }

  /** A project's scenes as they are meant to be; those without a change are the same objects. */
  applyTo(project: Project): Project {
    if (this.#drafts.size === 0) return project;
    const scenes = project.scenes.map((scene) => {
      const draft = this.#drafts.get(scene.id);
      return draft === undefined ? scene : withDraft(scene, draft.change);
    });
    return { ...project, scenes };
  }

  /** Shows a change at once and sends it when the hand rests; `now` sends it at once. */
  change(scene: Pick<Scene, 'id'>, change: ChangeWindow, { now = false } = {}): void {
    const draft = this.#drafts.get(scene.id);
    if (draft?.timer) clearTimeout(draft.timer);
    const before = draft?.change ?? {};
    const framing = { ...before.framing, ...change.framing };
    const whole = { ...before, ...change, ...(Object.keys(framing).length === 0 ? {} : { framing }) };
    const timer = setTimeout(() => void this.#flush(scene.id), now ? 0 : SETTLED_MS);
    this.#drafts.set(scene.id, { change: whole, timer });
  }

  /** Sends what waits; resolves when all of it is in the project. */
  async settled(): Promise<void> {
    await Promise.all([...this.#drafts.keys()].map((sceneId) => this.#flush(sceneId)));
  }

  /** Changes of one scene go one after the other: the last one that was made is the last that is sent. */
  async #flush(sceneId: string): Promise<void> {
    const waiting = this.#drafts.get(sceneId);
    if (waiting?.timer) clearTimeout(waiting.timer);
    await this.#sending.get(sceneId);
    const draft = this.#drafts.get(sceneId);
    if (draft === undefined) return;
    const sent = this.#sendOne(sceneId, draft);
    this.#sending.set(sceneId, sent);
    await sent;
  }

  async #sendOne(sceneId: string, draft: Draft): Promise<void> {
    await this.#send(sceneId, draft.change);
    if (this.#drafts.get(sceneId) === draft) this.#drafts.delete(sceneId);
  }
}
