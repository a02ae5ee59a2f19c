import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readProcessConfig } from '../../../../config';
import { findPrograms } from '../../../../media/ffmpeg.finder';
import { createSinger } from '../../../../sample/material/singer.scene';
import { createLog } from '../../../../shared/log';
import type { EngineJob } from '../engine.job';

/** Real clips lie beside the repository on some machines; elsewhere the tests paint a singer. */
const woman = resolve(import.meta.dir, '../../../../../../shared/clips/talking-woman-10s.mp4');

export const log = createLog('silent');
export const encodeArguments = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '20', '-bf', '0'];

export type TestKit = {
  ffmpegPath: string;
  ffprobePath: string;
  folder: string;
  /** Runs ffmpeg; fails the test with its complaint. */
  ffmpeg(...args: string[]): Promise<void>;
  /** A face for `frames` frames at 25 fps, 360x640, without sound. */
  face(name: string, frames: number, filter?: string): Promise<string>;
  /** Pictures without any face. */
  noFace(name: string, frames: number): Promise<string>;
  /** Something that goes on and off like syllables of a voice, as WAV. */
  voice(name: string, seconds: number): Promise<string>;
  job(change: Partial<EngineJob>): EngineJob;
  /** Codec, frames and sound samples of a file. */
  probe(path: string): Promise<Record<string, string>[]>;
};

/** Makes a folder and the means to fill it. */
export async function createTestKit(): Promise<TestKit> {
  const { FFMPEG_BIN: ffmpegBin, FFPROBE_BIN: ffprobeBin } = readProcessConfig();
  const { ffmpegPath, ffprobePath } = await findPrograms({ ffmpegBin, ffprobeBin, log, allowInstall: false });
  const folder = await mkdtemp(join(tmpdir(), 'songreel-lipsync-test-'));
  const ffmpeg = async (...args: string[]): Promise<void> => {
    const child = Bun.spawn([ffmpegPath, '-v', 'error', '-y', '-nostdin', ...args], { stderr: 'pipe' });
    const complaint = await new Response(child.stderr).text();
    if ((await child.exited) !== 0) throw new Error(complaint);
  };
  const frameCount = (frames: number): string[] => [
    '-frames:v',
    String(frames),
    '-r',
    '25',
    '-pix_fmt',
    'yuv420p',
  ];
  return {
    ffmpegPath,
    ffprobePath,
    folder,
    ffmpeg,
    async face(name, frames, filter = 'null') {
      const path = join(folder, name);
      if (existsSync(woman)) {
        const scale = `crop=720:1280:180:320,scale=360:640,${filter}`;
        await ffmpeg('-i', woman, '-an', '-vf', scale, ...frameCount(frames), ...encodeArguments, path);
        return path;
      }
      const singer = createSinger(360, 640, frames / 25);
      const raw = join(folder, `${name}.rgba`);
      const writer = Bun.file(raw).writer();
      for (let frame = 0; frame < frames; frame++) {
        singer.paint(frame / 25);
        writer.write(singer.canvas.data());
      }
      await writer.end();
      const input = ['-f', 'rawvideo', '-pix_fmt', 'rgba', '-s', '360x640', '-r', '25', '-i', raw];
      await ffmpeg(...input, '-vf', filter, ...frameCount(frames), ...encodeArguments, path);
      return path;
    },
    async noFace(name, frames) {
      const path = join(folder, name);
      await ffmpeg(
        '-f',
        'lavfi',
        '-i',
        'testsrc2=s=360x640:r=25',
        ...frameCount(frames),
        ...encodeArguments,
        path,
      );
      return path;
    },
    async voice(name, seconds) {
      const path = join(folder, name);
      // A buzz of 140 Hz with its harmonics through two formants, four syllables a second.
      const buzz = '0.5*(mod(t*140,1)-0.5)*max(0,sin(2*PI*2*t))';
      const source = `aevalsrc=${buzz.replaceAll(',', '\\,')}:s=48000:d=${seconds}`;
      const formants = 'equalizer=f=700:t=q:w=2:g=18,equalizer=f=1200:t=q:w=3:g=14,lowpass=f=4000';
      await ffmpeg('-f', 'lavfi', '-i', source, '-af', formants, '-ac', '2', path);
      return path;
    },
    job: (change) => ({
      ffmpegPath,
      videoPath: '',
      audioPath: '',
      outputPath: join(folder, 'out.mp4'),
      workDirectory: folder,
      width: 360,
      height: 640,
      fps: 25,
      frames: 30,
      options: { temperature: 0.7, active_speaker_detection: false, occlusion_detection_enabled: false },
      videoArguments: encodeArguments,
      ...change,
    }),
    async probe(path) {
      const entries = 'stream=codec_name,nb_frames,duration_ts,width,height,sample_rate';
      const args = ['-v', 'error', '-show_entries', entries, '-of', 'default=nw=0', path];
      const text = await new Response(Bun.spawn([ffprobePath, ...args]).stdout).text();
      return text
        .split('[/STREAM]')
        .filter((part) => part.includes('='))
        .map((part) =>
          Object.fromEntries([...part.matchAll(/^(\w+)=(.*)$/gm)].map(([, key, value]) => [key, value])),
        );
    },
  };
}
