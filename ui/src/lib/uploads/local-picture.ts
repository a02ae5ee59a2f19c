/** Pixels of the longer side: sharp in the viewer, and small in memory with twenty of them. */
const LONGEST = 640;
/** A file that shows nothing by then has no picture until the studio makes one. */
const PATIENCE_MS = 5000;
/** The very first picture of a clip is often black. */
const AT_SECONDS = 0.1;

/** A small picture as an address of this page; null when the browser can't make one. */
async function draw(
  source: CanvasImageSource,
  { width, height }: { width: number; height: number },
): Promise<string | null> {
  if (width === 0 || height === 0) return null;
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  canvas.getContext('2d')?.drawImage(source, 0, 0, canvas.width, canvas.height);
  const { promise, resolve } = Promise.withResolvers<Blob | null>();
  canvas.toBlob(resolve, 'image/jpeg', 0.8);
  const blob = await promise;
  return blob === null ? null : URL.createObjectURL(blob);
}

async function pictureOfClip(url: string): Promise<string | null> {
  const video = document.createElement('video');
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const patience = setTimeout(() => resolve(false), PATIENCE_MS);
  video.onerror = () => resolve(false);
  video.onloadedmetadata = () => {
    video.currentTime = Math.min(AT_SECONDS, video.duration / 2);
  };
  video.onseeked = () => resolve(true);
  video.muted = true;
  video.preload = 'auto';
  video.src = url;
  try {
    if (!(await promise)) return null;
    return await draw(video, { width: video.videoWidth, height: video.videoHeight });
  } finally {
    clearTimeout(patience);
    video.onerror = null;
    video.removeAttribute('src');
    video.load();
  }
}

async function pictureOfImage(url: string): Promise<string | null> {
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
  } catch (error) {
    // Of a kind that this browser doesn't show, or damaged: the studio says which.
    if (error instanceof DOMException) return null;
    throw error;
  }
  return draw(image, { width: image.naturalWidth, height: image.naturalHeight });
}

/**
 * What a file shows, made in the browser before anything is sent.
 * @returns an address to be revoked when it isn't shown any more; null when this browser can't show the file
 */
export async function localPicture(file: File, kind: 'clip' | 'image'): Promise<string | null> {
  const url = URL.createObjectURL(file);
  try {
    return await (kind === 'clip' ? pictureOfClip(url) : pictureOfImage(url));
  } finally {
    URL.revokeObjectURL(url);
  }
}
