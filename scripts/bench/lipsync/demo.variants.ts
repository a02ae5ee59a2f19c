import { join } from 'node:path';
import { mezzanineVideoArguments } from '../../../api/media/mezzanine.arguments';
import type { BenchCase } from './bench.cases';
import { findSquares } from './clip.reading';
import { writeContactSheet } from './contact.sheet';
import type { FaceSquare, IndependentDetector } from './independent.detector';
import { ffmpeg, type SpecialKit, type SpecialRow } from './special.cases';

/** The demo's singer made difficult. The filter turns its clip (720x1280) into the variant's picture. */
type Variant = {
  name: string;
  width: number;
  height: number;
  filter: string;
  frames: number;
  /** What the contact sheet shows, where the independent detector doesn't see the face. */
  look?: FaceSquare;
  options?: Parameters<SpecialKit['run']>[1];
};

/** The drawn face is about 380 px wide at (360, 560). */
const NEAR = 'crop=440:440:140:340,scale=720:720:flags=lanczos';
const variants: readonly Variant[] = [
  {
    name: 'face of 48 px',
    width: 720,
    height: 1280,
    frames: 75,
    filter: 'scale=90:-2,pad=720:1280:300:500:0x203040',
    look: { x: 345, y: 570, size: 60 },
  },
  { name: 'face fills the picture', width: 720, height: 720, frames: 75, filter: NEAR },
  {
    name: 'two faces, the right one marked',
    width: 720,
    height: 640,
    frames: 75,
    filter: 'scale=360:640,split[a][b];[b]hflip[c];[a][c]hstack',
    options: { speaker: { x: 0.75, y: 0.4 } },
  },
  {
    name: 'hard cuts',
    width: 720,
    height: 720,
    frames: 75,
    filter: `split[a][b];[a]crop=720:720:0:200,trim=end_frame=40[c];[b]${NEAR},trim=end_frame=35[d];[c]setsar=1[e];[d]setsar=1[f];[e][f]concat`,
  },
  {
    name: 'covered mouth',
    width: 720,
    height: 1280,
    frames: 75,
    filter: "drawbox=x=230:y=560:w=260:h=220:color=0x806040:t=fill:enable='between(n,25,49)'",
    options: { occlusion_detection_enabled: true },
  },
  {
    name: 'still picture',
    width: 720,
    height: 1280,
    frames: 75,
    filter: 'trim=end_frame=1,loop=loop=-1:size=1,setpts=N/25/TB',
  },
  { name: '4K', width: 2160, height: 3840, frames: 25, filter: 'scale=2160:3840' },
];

/** Runs all variants; one row each, and a contact sheet in `sheets`. */
export async function demoVariants(
  kit: SpecialKit,
  singer: BenchCase,
  detector: IndependentDetector,
  sheets: string,
): Promise<SpecialRow[]> {
  const rows: SpecialRow[] = [];
  for (const { name, width, height, filter, frames, look, options } of variants) {
    const format = { width, height, fps: singer.format.fps };
    const videoPath = join(kit.folder, 'variant.mp4');
    const pictures = ['-i', singer.videoPath, '-an', '-filter_complex', `[0:v]${filter}[v]`, '-map', '[v]'];
    await ffmpeg(kit.tools, [
      ...pictures,
      ...['-frames:v', String(frames), ...mezzanineVideoArguments(format, 2), videoPath],
    ]);
    const started = performance.now();
    const made = await kit.run({ ...singer, name, videoPath, format, frames }, options ?? {});
    const seconds = (performance.now() - started) / 1000;
    const source = { path: videoPath, width, height, frames };
    const squares = await findSquares(kit.tools.ffmpegPath, source, detector);
    await writeContactSheet(kit.tools, {
      before: videoPath,
      after: made.path,
      frames,
      // Two faces and cuts are seen in the whole picture only.
      face: /two|cuts/.test(name) ? null : (look ?? squares[frames >> 1] ?? null),
      outputPath: join(sheets, `drawn-${name.replace(/\W+/g, '-')}.png`),
    });
    const { framesWithFace, facesFound, shots, passedThrough } = made.report;
    rows.push({
      case: name,
      frames,
      'with a face': framesWithFace,
      faces: facesFound,
      shots,
      'passed through': `${Math.round(passedThrough.share * 100)}%`,
      'real-time factor': ((seconds * format.fps) / frames).toFixed(2),
      'engine MB': Math.round(made.report.peakMemoryBytes / 1e6),
    });
  }
  return rows;
}
