import { AppError, hasCode, isAbort } from '../shared/errors';
import { type Content, readContent } from './content';
import { mostTracks } from './ffmpeg.arguments';
import { readImageSize } from './image-header';
import type { MediaInfo, MediaTools } from './media.types';
import { longestIndexBytes, readMp4Claims } from './mp4.claims';
import { probeWithFfprobe } from './probe.ffprobe';
import { probeIsolated } from './probe.isolated';

/**
 * Says what a file is, by its content alone. Throws EmptyFile, PlaylistNotMedia, NotMedia or
 * UnsupportedMedia (each with advice); never returns something that has neither picture nor sound.
 */
export async function probeMedia(tools: MediaTools, path: string, signal?: AbortSignal): Promise<MediaInfo> {
  const content = await readContent(path);
  if (content.mimeType.startsWith('image/')) return imageInfo(path, content);
  await refuseAbsurdIndex(path, content);
  const quick = await (tools.probeIsolated ?? probeIsolated)(path, content.bytes, signal);
  const info = quick ?? (await askFfprobe(tools, path, content, signal));
  if (info.video === null && info.audio === null) throw notPlayable(content);
  return { ...info, kind: info.video === null ? 'audio' : 'video', image: null };
}

/**
 * Frames that an index may claim: every one has at least a byte, and 30 minutes at 240 a second have a
 * quarter of this. (Sound that is not compressed has an entry for each sample, so bytes bound it alone.)
 */
const mostSamples = 400_000_000;

/** Refuses an MP4 whose index claims what can't be, before a reader reserves memory for it. */
async function refuseAbsurdIndex(path: string, content: Content): Promise<void> {
  if (!isMp4(content)) return;
  const claims = await readMp4Claims(path);
  if (claims === null) return;
  if (claims.tracks > mostTracks) {
    throw new AppError({
      code: 'TooManyTracks',
      message: `The file has ${claims.tracks} tracks; ${mostTracks} is the most. Export it with its picture and sound alone.`,
      details: { tracks: claims.tracks },
    });
  }
  if (claims.indexBytes > longestIndexBytes || claims.samples > Math.min(content.bytes, mostSamples)) {
    throw new AppError({
      code: 'DamagedMedia',
      message: `The file's index claims ${claims.samples} frames, more than its ${content.bytes} bytes can hold. It is damaged: export it again.`,
    });
  }
}

const isMp4 = ({ mimeType }: Content) =>
  /^(video|audio)\/(mp4|quicktime|x-m4[avpb]|3gpp2?)/.test(mimeType) || mimeType === 'application/mp4';

async function imageInfo(path: string, content: Content): Promise<MediaInfo> {
  return {
    kind: 'image',
    container: content.extension === 'jpg' ? 'jpeg' : content.extension,
    mimeType: content.mimeType,
    bytes: content.bytes,
    duration: 0,
    video: null,
    audio: null,
    image: await readImageSize(path),
    probedBy: 'header',
  };
}

async function askFfprobe(
  tools: MediaTools,
  path: string,
  content: Content,
  signal: AbortSignal | undefined,
): Promise<Omit<MediaInfo, 'kind' | 'image'>> {
  try {
    return await probeWithFfprobe(tools, path, content.bytes, signal);
  } catch (thrown) {
    if (isAbort(thrown) || !hasCode(thrown, 'MediaStepFailed')) throw thrown;
    throw notPlayable(content);
  }
}

function notPlayable(content: Content): AppError {
  const isMedia = /^(video|audio)\//.test(content.mimeType);
  if (isMedia) {
    return new AppError({
      code: 'DamagedMedia',
      message: `The file begins like ${content.extension.toUpperCase()} but holds nothing that can be played: it is damaged or its upload was cut short. Export or download it again.`,
      details: { mimeType: content.mimeType },
    });
  }
  return new AppError({
    code: content.extension === 'bin' ? 'NotMedia' : 'UnsupportedMedia',
    message: `This is not media that can be used${content.extension === 'bin' ? '' : ` (${content.mimeType})`}. Send video as MP4, MOV or WebM, sound as WAV, MP3, M4A, FLAC or OGG, pictures as PNG, JPEG or WebP.`,
    details: { mimeType: content.mimeType },
  });
}
