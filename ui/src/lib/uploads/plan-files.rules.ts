/** What a file can become; `other` is nothing that the studio takes. */
export type FileKind = 'clip' | 'image' | 'song' | 'other';

const endings: Record<Exclude<FileKind, 'other'>, ReadonlySet<string>> = {
  clip: new Set(['mp4', 'm4v', 'mov', 'webm', 'mkv', 'avi']),
  image: new Set(['png', 'jpg', 'jpeg', 'webp', 'heic', 'heif', 'avif', 'tif', 'tiff', 'gif', 'bmp']),
  song: new Set(['mp3', 'wav', 'flac', 'm4a', 'aac', 'ogg', 'oga', 'opus', 'aif', 'aiff', 'wma']),
};

/** What a file is by its type, or by its ending where the browser knows no type. The studio looks inside. */
export function fileKind(file: { name: string; type: string }): FileKind {
  if (file.type.startsWith('video/')) return 'clip';
  if (file.type.startsWith('image/')) return 'image';
  if (file.type.startsWith('audio/')) return 'song';
  const ending = /\.([^.]+)$/.exec(file.name)?.[1]?.toLowerCase() ?? '';
  if (endings.clip.has(ending)) return 'clip';
  if (endings.image.has(ending)) return 'image';
  return endings.song.has(ending) ? 'song' : 'other';
}

export const fileOrders = ['name', 'time'] as const;
/** In which order many files fill the scenes. */
export type FileOrder = (typeof fileOrders)[number];

// People number their shots: 2 comes before 10.
const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Files by name (numbers by their value) or by when they were last changed. */
export function sortFiles<Item extends { name: string; lastModified: number }>(
  files: readonly Item[],
  order: FileOrder,
): Item[] {
  const byName = (a: Item, b: Item) => collator.compare(a.name, b.name);
  return [...files].sort(
    order === 'name' ? byName : (a, b) => a.lastModified - b.lastModified || byName(a, b),
  );
}

export const leftoverPlaces = ['scenes', 'media'] as const;
/** What clips and images get that no empty scene is left for: scenes of their own, or a place among the media. */
export type LeftoverPlace = (typeof leftoverPlaces)[number];

/**
 * Where files were put: anywhere, among the media, on a scene, or between two: before the scene that has this
 * number now.
 */
export type FileTarget =
  | { at: 'project' }
  | { at: 'media' }
  | { at: 'scene'; sceneId: string }
  | { at: 'before'; sequence: number };

/** A scene as far as it decides where files go. `busy`: something is being done to it. */
export type SceneRoom = { id: string; hasClip: boolean; hasImage: boolean; busy: boolean };

type Item = { name: string; type: string; lastModified: number };

export type FilePlan<File> = {
  /** Into scenes that are there, in the order in which they are sent. */
  fills: { file: File; kind: 'clip' | 'image'; sceneId: string; replaces: boolean }[];
  /** Into new scenes, one each. */
  added: { file: File; kind: 'clip' | 'image' }[];
  /** Among the project's media, without a scene. */
  media: { file: File; kind: 'clip' | 'image' }[];
  /** The number that the first new scene gets; null: they come last. */
  addedAt: number | null;
  /** The one that could be the song: asked about. */
  song: File | null;
  /** What is not taken, and why. */
  refused: { file: File; why: 'unknown' | 'one-song' | 'too-many-scenes' | 'busy' }[];
};

/**
 * Where each of some files goes. Dropped anywhere, clips fill the scenes that have none and images those
 * that have neither, in order; what is left over gets new scenes at the end, or stays among the media. On a
 * scene the first file is for that scene, whatever it has, and the others go on behind it. Between two scenes
 * all get new ones, among the media none.
 */
export function planFiles<File extends Item>(
  files: readonly File[],
  scenes: readonly SceneRoom[],
  {
    target,
    order,
    mostScenes,
    leftover,
  }: { target: FileTarget; order: FileOrder; mostScenes: number; leftover: LeftoverPlace },
): FilePlan<File> {
  const plan: FilePlan<File> = { fills: [], added: [], media: [], addedAt: null, song: null, refused: [] };
  if (target.at === 'before') plan.addedAt = target.sequence;
  const on = target.at === 'scene' ? scenes.findIndex((scene) => scene.id === target.sceneId) : -1;
  /** Scenes that get nothing more. */
  const taken = new Set<string>(target.at === 'before' ? scenes.map((scene) => scene.id) : []);
  const isFree = (scene: SceneRoom, kind: 'clip' | 'image') =>
    !(taken.has(scene.id) || scene.busy || scene.hasClip || (kind === 'image' && scene.hasImage));
  let isFirst = true;
  for (const file of sortFiles(files, order)) {
    const kind = fileKind(file);
    if (kind === 'other') {
      plan.refused.push({ file, why: 'unknown' });
      continue;
    }
    if (kind === 'song') {
      if (plan.song === null) plan.song = file;
      else plan.refused.push({ file, why: 'one-song' });
      continue;
    }
    if (target.at === 'media') {
      plan.media.push({ file, kind });
      continue;
    }
    const chosen = isFirst ? scenes[on] : undefined;
    isFirst = false;
    if (chosen?.busy) {
      plan.refused.push({ file, why: 'busy' });
      continue;
    }
    const scene = chosen ?? scenes.find((candidate, index) => index > on && isFree(candidate, kind));
    if (scene !== undefined) {
      taken.add(scene.id);
      const replaces = kind === 'clip' ? scene.hasClip : scene.hasImage;
      plan.fills.push({ file, kind, sceneId: scene.id, replaces });
    } else if (leftover === 'media' && target.at === 'project') {
      plan.media.push({ file, kind });
    } else if (scenes.length + plan.added.length < mostScenes) {
      plan.added.push({ file, kind });
    } else {
      plan.refused.push({ file, why: 'too-many-scenes' });
    }
  }
  return plan;
}
