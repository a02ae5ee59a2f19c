/** Every dialog of the edit page. Those of a scene are opened for one; the others belong to the project. */
export type SceneDialogName =
  | 'lipsync'
  | 'line-up'
  | 'trim'
  | 'versions'
  | 'compare'
  | 'generate-image'
  | 'generate-video'
  | 'revert'
  | 'delete';
export type ProjectDialogName =
  | 'batch-all'
  | 'batch-stale'
  | 'line-up-all'
  | 'bin'
  | 'details'
  | 'compose'
  | 'duplicate'
  | 'help';
export type DialogName = SceneDialogName | ProjectDialogName | 'replace-song';

/**
 * What a dialog may be opened with. Frames count from the first of the original clip; `takeId` is the
 * version to compare with; `song` is chosen, but not sent yet;
 * `anew`: nothing is taken over from the lip-sync that is there.
 */
export type DialogOptions = {
  inFrame?: number;
  outFrame?: number;
  takeId?: string;
  song?: File;
  anew?: boolean;
};

export type OpenDialog = { name: DialogName; sceneId: string | null; options: DialogOptions };

/**
 * Which dialog is open; at most one. `EditDialogs.svelte` shows it: whoever adds a dialog adds its name
 * here and its component there, and opens it from anywhere with `openDialog`.
 */
export class Dialogs {
  current = $state.raw<OpenDialog | null>(null);

  openDialog(name: ProjectDialogName): void;
  openDialog(name: SceneDialogName, scene: { id: string }, options?: DialogOptions): void;
  openDialog(name: DialogName, scene?: { id: string }, options: DialogOptions = {}): void {
    this.current = { name, sceneId: scene?.id ?? null, options };
  }

  /** Asks before a song is sent that puts lip-syncs out of date. */
  askForSong(song: File): void {
    this.current = { name: 'replace-song', sceneId: null, options: { song } };
  }

  close(): void {
    this.current = null;
  }
}
