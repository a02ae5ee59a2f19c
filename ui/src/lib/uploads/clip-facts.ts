import type { ClipFormat } from '#contract/format.advice';

/** Packets that are looked at to tell the rate: more than two seconds at any. */
const PACKETS = 150;

/**
 * The format of a clip, read from its index without sending it; null when this can't be told here: the
 * studio will.
 */
export async function readClipFormat(file: File): Promise<ClipFormat | null> {
  // Loaded when the first clip is chosen: most visits bring none.
  const { BlobSource, Input, MATROSKA, MP4, QTFF, WEBM } = await import('mediabunny');
  const input = new Input({ source: new BlobSource(file), formats: [MP4, QTFF, MATROSKA, WEBM] });
  try {
    const track = await input.getPrimaryVideoTrack();
    if (track === null) return null;
    const { averagePacketRate } = await track.computePacketStats(PACKETS);
    return { width: track.displayWidth, height: track.displayHeight, fps: averagePacketRate };
  } catch (error) {
    // A file of another kind, or a damaged one: its reader throws all sorts.
    if (error instanceof Error) return null;
    throw error;
  } finally {
    input.dispose();
  }
}
