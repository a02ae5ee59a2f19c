import { type FormatAdvice, formatAdvice } from '#contract/format.advice';
import type { Project } from '#contract/project.schema';
import type { EditSession } from '#lib/edit/edit-session.svelte.ts';
import { i18n } from '#lib/text/i18n.svelte.ts';
import { readClipFormat } from './clip-facts.ts';
import {
  type FileOrder,
  type FilePlan,
  type FileTarget,
  fileKind,
  fileOrders,
  type LeftoverPlace,
  planFiles,
  sortFiles,
} from './plan-files.rules.ts';

const ORDER_KEY = 'songreel.files.order';
/** As many as the studio takes in one project (limits.ts of the API). */
const MOST_SCENES = 1000;
/** Seconds of a new scene that begins with an image: it has no length of its own. */
const IMAGE_SECONDS = 5;

/** Files that were given, and what has to be asked before they are sent. */
export type BringInQuestion = {
  files: readonly File[];
  target: FileTarget;
  /** What the first clip says of the project's format; null: it suits, or it was said before. */
  advice: FormatAdvice | null;
  /** Nothing is made yet, so that the project can still take the clip's format. */
  canChangeFormat: boolean;
  /** What is left over is asked about: scenes for it would begin after the song's end. */
  asksLeftover: boolean;
};

/** Whether a project's format can still be changed: it has no clips, and nothing is being made. */
export const canChangeFormat = (project: Project): boolean =>
  project.scenes.every(
    (scene) => scene.originalTake === null && scene.currentTake === null && scene.activeJob === null,
  );

/** Whether the scenes reach the end of the song. */
function fillsSong({ scenes, song, format }: Project): boolean {
  const frames = scenes.reduce((sum, scene) => sum + (scene.slotFrames ?? 0), 0);
  // A last scene that is cut to the song may be a frame short.
  return song !== null && frames + 1 >= song.duration * format.fps;
}

/** Takes files into the project: says where each goes, asks what has to be asked, and sends them. */
export class BringIn {
  question = $state.raw<BringInQuestion | null>(null);
  order = $state<FileOrder>(readOrder());
  /** Where what is left over goes. */
  leftover = $state<LeftoverPlace>('scenes');
  readonly #session: EditSession;
  /** Rates and shapes that were said already: once is enough. */
  readonly #said = new Set<string>();

  constructor(session: EditSession) {
    this.#session = session;
  }

  setOrder(order: FileOrder): void {
    this.order = order;
    localStorage.setItem(ORDER_KEY, order);
  }

  /** Where each file would go as the project is now. */
  planOf({ files, target }: Pick<BringInQuestion, 'files' | 'target'>): FilePlan<File> {
    const { store, uploads, scenes } = this.#session;
    const rooms = scenes.map((scene) => ({
      id: scene.id,
      hasClip: scene.currentTake !== null,
      hasImage: scene.imageTake !== null,
      busy: store.sceneJob(scene.id) !== null || uploads.ofScene(scene.id) !== null,
    }));
    return planFiles(files, rooms, {
      target,
      order: this.order,
      mostScenes: MOST_SCENES,
      leftover: this.leftover,
    });
  }

  /**
   * Takes files that were dropped or chosen. Sends them at once, unless a song, a clip that would be replaced
   * or another format has to be asked about. `chosen`: for just this scene, so that replacing is meant.
   */
  async take(files: readonly File[], target: FileTarget, options: { chosen?: boolean } = {}): Promise<void> {
    if (files.length === 0) return;
    const { project } = this.#session;
    if (project === null) return;
    const first = sortFiles(files, this.order).find((file) => fileKind(file) === 'clip');
    const clip = first === undefined ? null : await readClipFormat(first);
    const said = clip === null ? null : formatAdvice(clip, project.format);
    const changeable = canChangeFormat(project) && !this.#session.uploads.isActive;
    const name = said === null ? '' : `${said.clip.width}×${said.clip.height}@${said.clip.fps}`;
    const advice = changeable || !this.#said.has(name) ? said : null;
    if (advice !== null) this.#said.add(name);
    this.leftover = 'scenes';
    const asksLeftover =
      target.at === 'project' && fillsSong(project) && this.planOf({ files, target }).added.length > 0;
    if (asksLeftover) this.leftover = 'media';
    const question = { files, target, advice, canChangeFormat: changeable, asksLeftover };
    const plan = this.planOf(question);
    const replaces = plan.fills.some((fill) => fill.replaces) && options.chosen !== true;
    if (plan.song !== null || replaces || advice !== null || asksLeftover) this.question = question;
    else await this.send(question, { useSong: false, useFormat: false });
  }

  /** Sends what was asked about. @throws ApiError what the API refused */
  async send(question: BringInQuestion, answer: { useSong: boolean; useFormat: boolean }): Promise<void> {
    const { api, uploads, store } = this.#session;
    const words = i18n.t.bring;
    const { advice } = question;
    if (answer.useFormat && advice !== null) {
      await api.updateProject({ format: advice.format });
      await store.refresh();
    }
    const plan = this.planOf(question);
    for (const { file, why } of plan.refused) {
      const kind = fileKind(file);
      uploads.refuse(file, kind === 'other' ? 'clip' : kind, null, words.refused[why]);
    }
    const song = plan.song !== null && answer.useSong ? [plan.song] : [];
    uploads.add([
      ...song.map((file) => ({ file, kind: 'song' as const, sceneId: null })),
      ...plan.fills.map(({ file, kind, sceneId }) => ({ file, kind, sceneId })),
      ...plan.media.map(({ file, kind }) => ({ file, kind, sceneId: null })),
    ]);
    for (const [index, { file, kind }] of plan.added.entries()) {
      const done = await this.#session.attempt(async () => {
        const scene = await api.addScene({
          plannedDuration: kind === 'image' ? IMAGE_SECONDS : null,
          ...(plan.addedAt === null ? {} : { sequence: plan.addedAt + index }),
        });
        uploads.add([{ file, kind, sceneId: scene.id }]);
      });
      if (!done) uploads.refuse(file, kind, null, words.noScene);
    }
  }
}

function readOrder(): FileOrder {
  const saved = localStorage.getItem(ORDER_KEY);
  return fileOrders.find((order) => order === saved) ?? 'name';
}
