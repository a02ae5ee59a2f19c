import { unfitRequest } from '../../provider.errors';
import { type YuvFrame, yuvBytes, yuvFrame } from '../lipsync/pictures/yuv.frame';

/** Where a picture that is taller than the format is cut: faces are in its upper part. */
const CUT_FROM_TOP = 0.38;

/** The demuxer of each kind of picture, by its first bytes: one for names would expand patterns in them. */
const demuxers = [
  { first: [0x89, 0x50, 0x4e, 0x47], name: 'png_pipe' },
  { first: [0xff, 0xd8, 0xff], name: 'jpeg_pipe' },
  { first: [0x52, 0x49, 0x46, 0x46], name: 'webp_pipe' },
] as const;

async function demuxerOf(path: string): Promise<string | null> {
  const head = new Uint8Array(await Bun.file(path).slice(0, 4).arrayBuffer());
  return demuxers.find(({ first }) => first.every((byte, index) => head[index] === byte))?.name ?? null;
}

/** ffmpeg's arguments that turn any picture into a sheet: scaled to cover, cut, BT.709 4:2:0. */
export function sheetArguments(
  path: string,
  demuxer: string,
  sheet: { width: number; height: number },
): string[] {
  const { width, height } = sheet;
  return [
    ...['-v', 'error', '-nostdin', '-protocol_whitelist', 'file,pipe', '-f', demuxer, '-i', `file:${path}`],
    ...['-map', '0:v:0', '-frames:v', '1', '-vf'],
    [
      // Pictures with transparency lie on black.
      `scale=${width}:${height}:force_original_aspect_ratio=increase:flags=lanczos+accurate_rnd+full_chroma_int:out_color_matrix=bt709:out_range=tv`,
      `crop=${width}:${height}:(iw-ow)/2:(ih-oh)*${CUT_FROM_TOP}`,
      'format=yuv420p',
    ].join(','),
    ...['-f', 'rawvideo', 'pipe:1'],
  ];
}

/** Decodes a picture into a sheet. @throws AppError 422 `ProviderCannotDoThis`: it is no picture */
export async function readSheet(
  ffmpegPath: string,
  path: string,
  sheet: { width: number; height: number },
  signal: AbortSignal,
): Promise<YuvFrame> {
  const demuxer = await demuxerOf(path);
  if (demuxer === null) throw notAPicture();
  const decoder = Bun.spawn([ffmpegPath, ...sheetArguments(path, demuxer, sheet)], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    signal,
    killSignal: 'SIGKILL',
  });
  const complaint = new Response(decoder.stderr).text();
  const data = await new Response(decoder.stdout).bytes();
  const code = await decoder.exited;
  signal.throwIfAborted();
  if (code !== 0 || data.length !== yuvBytes(sheet.width, sheet.height)) {
    await complaint;
    throw notAPicture();
  }
  return yuvFrame(sheet.width, sheet.height, data);
}

const notAPicture = () =>
  unfitRequest(
    'local',
    'The picture that the clip should start from can’t be read.',
    'Make or upload the scene’s image again, or make the clip without it.',
  );
