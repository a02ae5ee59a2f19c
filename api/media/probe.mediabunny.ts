import {
  ALL_FORMATS,
  FilePathSource,
  Input,
  type InputAudioTrack,
  type InputVideoTrack,
  Logging,
  LogLevel,
  UnsupportedInputFormatError,
} from 'mediabunny';
import { mostTracks } from './ffmpeg.arguments';
import { snapFrameRate } from './frame-rates';
import type { AudioTrackInfo, MediaInfo, VideoTrackInfo } from './media.types';

/**
 * Reads a file's tracks without starting a process (2 to 4 ms for an MP4). Returns null when
 * mediabunny does not know the format or cannot tell everything: ffprobe is asked then.
 */
export async function probeWithMediabunny(
  path: string,
  bytes: number,
): Promise<Omit<MediaInfo, 'kind' | 'image'> | null> {
  // Its opinions on odd files would stand unstructured between the log's lines.
  Logging.level = LogLevel.Silent;
  const input = new Input({ source: new FilePathSource(path), formats: ALL_FORMATS });
  try {
    const format = await input.getFormat();
    // Other readers would take their time with each of them.
    if ((await input.getTracks()).length > mostTracks) return null;
    const [videoTracks, audioTracks] = [await input.getVideoTracks(), await input.getAudioTracks()];
    const video = videoTracks[0] ? await videoInfo(videoTracks[0]) : null;
    const audio = audioTracks[0] ? await audioInfo(audioTracks[0]) : null;
    if (video === undefined || audio === undefined || (video === null && audio === null)) return null;
    // Times count from the first thing there is, as ffmpeg counts them; sound that begins before
    // zero is the encoder's run-in, which nobody hears.
    const soundStart = audioTracks[0] ? await audioTracks[0].getFirstTimestamp() : Number.POSITIVE_INFINITY;
    const origin = Math.max(0, Math.min(video?.start ?? soundStart, soundStart));
    if (video !== null) {
      video.start = Math.max(0, video.start - origin);
      video.duration = Math.max(0, video.duration - origin);
    }
    return {
      container: containerName(format.name),
      mimeType: format.mimeType,
      bytes,
      duration: Math.max(video?.duration ?? 0, audio?.duration ?? 0),
      video,
      audio,
      probedBy: 'mediabunny',
    };
  } catch (thrown) {
    if (thrown instanceof UnsupportedInputFormatError) return null;
    // A damaged file makes the parser throw all sorts; ffprobe's opinion counts then.
    if (thrown instanceof Error) return null;
    throw thrown;
  } finally {
    input.dispose();
  }
}

async function videoInfo(track: InputVideoTrack): Promise<VideoTrackInfo | undefined> {
  const codec = await track.getCodec();
  if (codec === null) return undefined;
  const color = await track.getColorSpace();
  // Browsers' types do not list pq and hlg, which mediabunny tells as well.
  const transfer: string | null = color.transfer ?? null;
  const depth = bitDepthOfCodec((await track.getCodecParameterString()) ?? '');
  // Ten bits with no colour tags in the container: only the stream itself says whether it is HDR.
  if (depth > 8 && color.transfer === undefined) return undefined;
  const { packetCount } = await track.computePacketStats();
  const frameRate = packetCount > 1 ? await track.computeFrameRateMetrics() : null;
  const start = packetCount > 0 ? await track.getFirstTimestamp() : 0;
  return {
    codec,
    displayWidth: await track.getDisplayWidth(),
    displayHeight: await track.getDisplayHeight(),
    rotation: await track.getRotation(),
    fps: frameRate === null ? 0 : snapFrameRate(frameRate.bestGuessFrameRate),
    variableFrameRate: frameRate !== null && frameRate.underlyingFrameRate === null,
    frames: packetCount,
    start,
    duration: packetCount > 0 ? await track.computeDuration() : 0,
    matrix: color.matrix ?? null,
    primaries: color.primaries ?? null,
    transfer: color.transfer ?? null,
    fullRange: color.fullRange ?? null,
    hdr: transfer === 'pq' || transfer === 'hlg' ? transfer : null,
  };
}

async function audioInfo(track: InputAudioTrack): Promise<AudioTrackInfo | undefined> {
  const codec = await track.getCodec();
  if (codec === null) return undefined;
  return {
    codec,
    sampleRate: await track.getSampleRate(),
    channels: await track.getNumberOfChannels(),
    duration: await track.computeDuration(),
  };
}

/** Bits per sample from an RFC 6381 codec string; 8 when it does not tell (avc1, vp8). */
export function bitDepthOfCodec(codec: string): number {
  const parts = codec.split('.');
  if (/^(hev1|hvc1)/.test(codec)) return parts[1] === '1' ? 8 : 10;
  if (codec.startsWith('vp09')) return Number(parts[3] ?? 8);
  if (codec.startsWith('av01')) return Number(parts[3] ?? 8);
  // High 10 and above are profile_idc 0x6e, 0x7a, 0xf4.
  if (/^avc[13]\.(6e|7a|f4)/i.test(codec)) return 10;
  return 8;
}

function containerName(name: string): string {
  const lower = name.toLowerCase();
  if (lower.includes('quicktime')) return 'mov';
  return lower === 'wave' ? 'wav' : lower;
}
