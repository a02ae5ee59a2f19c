import { createContext, untrack } from 'svelte';
import { SvelteSet } from 'svelte/reactivity';
import type { Job } from '#contract/job.schema';
import type { LineUp } from '#contract/line-up.schema';
import type { Project } from '#contract/project.schema';
import type { Scene } from '#contract/scene.schema';
import { asApiError } from '#lib/api/errors.ts';
import { toast } from '#lib/components/toast.ts';
import {
  type ComposeChoice,
  composeCheck,
  composeRequest,
  lastChoice,
} from '#lib/edit/compose/compose-check.rules.ts';
import { Dialogs } from '#lib/edit/dialogs/dialogs.svelte.ts';
import { WindowDrafts } from '#lib/edit/framing/window-drafts.svelte.ts';
import { History } from '#lib/edit/history/history.svelte.ts';
import { IncrementalList } from '#lib/edit/layout/incremental-list.svelte.ts';
import { Preview } from '#lib/edit/preview/preview.svelte.ts';
import { SlotEdits } from '#lib/edit/timeline/slot-edits.svelte.ts';
import { TimelineTools } from '#lib/edit/timeline/snapping.svelte.ts';
import { withChanges } from '#lib/edit/timeline/timeline-edits.rules.ts';
import { timecode } from '#lib/format/time.ts';
import { tray } from '#lib/jobs/tray.svelte.ts';
import { errorWords } from '#lib/text/error-words.ts';
import { i18n } from '#lib/text/i18n.svelte.ts';
import { BringIn } from '#lib/uploads/bring-in.svelte.ts';
import { type UploadQueue, uploadsOf } from '#lib/uploads/upload-queue.svelte.ts';
import { type EditApi, editApi, type WindowChange } from './edit-api.ts';
import { ProjectStore } from './project-store.svelte.ts';

/**
 * What one open edit page knows: the project, what is chosen, the preview, open dialogs, running uploads,
 * and what can be undone. Components get it with `getEditSession()`.
 */
export class EditSession {
  readonly projectId: string;
  readonly api: EditApi;
  readonly store: ProjectStore;
  readonly preview = new Preview();
  readonly dialogs = new Dialogs();
  readonly history: History;
  /** Files on their way into the project. */
  readonly uploads: UploadQueue;
  readonly bringIn = new BringIn(this);
  /** Loudness of the song, 0..255, 100 a second; empty until it is read. */
  peaks = $state.raw<ArrayLike<number>>([]);
  /** The ids of scenes that show their clip as it was filmed to the song: they need no lip-sync. */
  inSync = $state.raw<ReadonlySet<string>>(new Set());
  /** Snapping, rippling, and the song's beats and sections. */
  readonly tools = new TimelineTools();
  /** Framings and speeds that are being changed. */
  readonly drafts = new WindowDrafts((sceneId, change) => this.#saveWindow(sceneId, change));
  /** Whether the controls for framing and speed are open, and the picture can be moved in the viewer. */
  isFraming = $state(false);
  /** Cuts that are moved and clips that are slid. */
  readonly edits = new SlotEdits(this);
  /** Scenes that are selected together; with none of them the chosen one is meant. */
  readonly selected = new SvelteSet<string>();
  /** How many scenes have their cards and pictures already. */
  readonly staged = new IncrementalList();
  /** What parts of the page offer to keys. */
  readonly commands: {
    zoom?: { in(): void; out(): void; fit(): void };
    final?: { toggle(): void };
    fullscreen?: () => Promise<void>;
  } = {};
  /** What the viewer shows: all scenes with the song, or the video composed of them. */
  view = $state<'preview' | 'final'>('preview');
  /** What the panel beside the viewer shows. */
  side = $state<'details' | 'media'>('details');
  /** Said to screen readers; sighted people see it happen. */
  announcement = $state('');
  #chosenId = $state<string | null>(null);
  /** Whether any clip has been listened to; null: not asked yet. */
  #heard: boolean | null = null;
  readonly #inFlight = new Set<Promise<boolean>>();

  constructor(projectId: string) {
    this.projectId = projectId;
    this.api = editApi(projectId);
    this.store = new ProjectStore(projectId);
    this.uploads = uploadsOf(projectId);
    this.history = new History(this.api, this.store);
  }

  /** As it is shown: with what is being edited. */
  readonly project: Project | null = $derived.by(() => {
    const { project: read } = this.store;
    if (read === null) return null;
    const project = this.drafts.applyTo(read);
    const { changes } = this.edits;
    return changes.size === 0 ? project : withChanges(project, changes);
  });
  get scenes(): readonly Scene[] {
    return this.project?.scenes ?? [];
  }
  get fps(): number {
    return this.project?.format.fps ?? 25;
  }
  /** The scene that keys and the inspector mean: the one chosen, else the first. */
  get chosen(): Scene | null {
    return this.scenes.find((scene) => scene.id === this.#chosenId) ?? this.scenes[0] ?? null;
  }
  /** The scene that the preview shows. */
  readonly playingId: string | null = $derived.by(() => {
    const { moment } = this.preview;
    return moment.kind === 'end' ? null : (this.scenes[moment.index]?.id ?? null);
  });
  /** How many scenes show a lip-sync. */
  get lipsynced(): number {
    return this.scenes.filter((scene) => scene.currentTake?.kind === 'lipsynced').length;
  }
  /** Seconds of what lies on the timeline: the scenes or the song, whichever is longer. */
  get span(): number {
    return Math.max(this.project?.duration ?? 0, this.project?.song?.duration ?? 0);
  }

  /** Why the video can't be composed now, in words; null: it can. */
  get composeBlocked(): string | null {
    const { edit } = i18n.t;
    if (this.scenes.length === 0) return edit.composeNoScenes;
    if (this.scenes.every((scene) => scene.currentTake === null)) return edit.composeBlocked;
    if (this.project?.song === null) return edit.composeNoSong;
    return this.scenes.every((scene) => scene.frames !== null) ? null : edit.composeNoLength;
  }

  /** Reads the project and follows it. Returns how to stop. */
  start(): () => void {
    void this.store.refresh();
    // Whoever starts it must not be told of every change of the list.
    const detach = untrack(() => this.uploads.attach(this.store));
    const forget = this.store.onJobEnded((job) => this.uploads.noteEnded(job));
    this.uploads.onidle = (done) => {
      this.announcement = i18n.t.bring.done(done);
      if (done > 1) toast.good(i18n.t.bring.done(done));
    };
    void untrack(() => this.uploads.restore());
    return () => {
      detach();
      forget();
      void this.edits.flush();
      void this.drafts.settled();
      this.preview.pause();
      this.store.close();
    };
  }

  /** A scene in words, for screen readers; in the order in which its block shows them. */
  describe(scene: Scene): string {
    const { edit } = i18n.t;
    const length = scene.duration === null ? null : timecode(scene.duration);
    const parts = [
      edit.scene(scene.sequence),
      scene.prompt || null,
      scene.currentTake === null ? edit.badges.noClip : null,
      length,
      scene.lipsync === null ? null : edit.badges.lipsync,
      scene.lipsync?.stale ? edit.badges.stale : null,
    ];
    return parts.filter((part) => part !== null).join(', ');
  }

  /** Composes, but asks first when there is something to know about the video. */
  askToCompose(): void {
    if (this.project !== null && composeCheck(this.project) !== null) this.dialogs.openDialog('compose');
    else {
      const { fadeOut } = lastChoice(this.project?.finalVideo?.composedWith ?? null);
      this.compose({ ending: 'as-is', fadeOut });
    }
  }

  /** Composes the video of the scenes as they are; the viewer shows how far it is. */
  compose(choice: ComposeChoice): void {
    if (this.store.projectJob('compose') === null) {
      void this.attempt(() => this.startJob(() => this.api.compose(composeRequest(choice))));
    }
    this.showFinal();
  }

  /** Shows the composed video instead of the preview, which stops. */
  showFinal(): void {
    this.preview.pause();
    this.view = 'final';
  }

  /** Reads how loud the song is. Without it the page works as well. */
  async readPeaks(): Promise<void> {
    try {
      this.peaks = (await this.api.peaks()).peaks;
    } catch (thrown) {
      if (asApiError(thrown).code === 'Unexpected') throw thrown;
      this.peaks = [];
    }
  }

  /** Takes over what is known of where clips were filmed. */
  showLineUp({ clips, scenes }: LineUp): void {
    this.#heard = clips.length > 0;
    this.inSync = new Set(scenes.filter((scene) => scene.inSync).map((scene) => scene.sceneId));
  }

  /** Reads which scenes are in sync as they were filmed. Without it the page works as well. */
  async readLineUp(): Promise<void> {
    // Once is enough until something has been listened to.
    if (this.#heard === false) return;
    try {
      this.showLineUp(await this.api.lineUp(false));
    } catch (thrown) {
      if (asApiError(thrown).code === 'Unexpected') throw thrown;
    }
  }

  /** Reads where the song's beats and sections are. Without them the timeline has no grid. */
  async readStructure(): Promise<void> {
    try {
      this.tools.structure = await this.api.structure();
    } catch (thrown) {
      if (asApiError(thrown).code === 'Unexpected') throw thrown;
      this.tools.structure = null;
    }
  }

  /** The scenes that an action on the selection means, in order. */
  get selection(): Scene[] {
    const selected = this.scenes.filter((scene) => this.selected.has(scene.id));
    return selected.length > 0 ? selected : this.chosen === null ? [] : [this.chosen];
  }

  selectAll(): void {
    for (const scene of this.scenes) this.selected.add(scene.id);
    this.announcement = i18n.t.timeline.selected(this.scenes.length);
  }

  /** Adds a scene to the selection, or takes it out; with `range` all from the chosen one to it. */
  select(scene: Scene, options: { range?: boolean } = {}): void {
    const { chosen } = this;
    if (chosen !== null && this.selected.size === 0) this.selected.add(chosen.id);
    if (options.range && chosen !== null) {
      const [from, to] = [chosen.sequence, scene.sequence].sort((a, b) => a - b);
      for (const other of this.scenes.slice((from ?? 1) - 1, to)) this.selected.add(other.id);
    } else if (!this.selected.delete(scene.id)) this.selected.add(scene.id);
    this.#chosenId = scene.id;
    this.announcement = i18n.t.timeline.selected(this.selection.length);
  }

  /** Chooses a scene; with `seek` the preview goes to its first frame. */
  choose(scene: Scene, options: { seek?: boolean } = {}): void {
    this.#chosenId = scene.id;
    this.selected.clear();
    if (options.seek && scene.start !== null) this.preview.seek(scene.start);
  }

  /** Does something and says what went wrong; true when it is done. */
  async attempt(work: () => Promise<unknown>): Promise<boolean> {
    const doing = this.#attempt(work);
    this.#inFlight.add(doing);
    try {
      return await doing;
    } finally {
      this.#inFlight.delete(doing);
    }
  }

  /** Resolves when nothing that was begun before is under way any more. */
  async settled(): Promise<void> {
    await this.edits.flush();
    await this.drafts.settled();
    await Promise.all(this.#inFlight);
  }

  async #saveWindow(sceneId: string, change: WindowChange): Promise<void> {
    const scene = this.store.scene(sceneId);
    if (scene === null) return;
    await this.attempt(() => this.api.changeWindow(scene.sequence, change));
  }

  async #attempt(work: () => Promise<unknown>): Promise<boolean> {
    // One after the other, as they are on screen.
    await this.edits.flush();
    return this.report(async () => {
      await work();
      await this.store.refresh();
    });
  }

  /** Does something and says what went wrong; true when it is done. The project is not read again. */
  async report(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (thrown) {
      const error = asApiError(thrown);
      toast.bad(i18n.t.errors.title, { description: errorWords(error, i18n.t).text, error });
      return false;
    }
  }

  /** Takes over the job that a call started. @throws ApiError as the call */
  async startJob(work: () => Promise<Job>): Promise<Job> {
    const job = await work();
    this.store.applyJob(job);
    void tray.refresh();
    return job;
  }
}

export const [getEditSession, setEditSession] = createContext<EditSession>();
