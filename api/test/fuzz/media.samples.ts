import { ffmpeg, testFolder, testTools } from '../../media/testing/tools';
import { type Container, containers, type Sample } from './media.damage';

const sound = ['-f', 'lavfi', '-i', 'sine=frequency=330:sample_rate=48000:duration=0.6'];
const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=96x64:rate=25'];

const recipes: Record<Container, string[][]> = {
  mp4: [
    [
      ...picture,
      ...sound,
      '-t',
      '0.5',
      '-pix_fmt',
      'yuv420p',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-c:a',
      'aac',
    ],
    [...picture, '-t', '0.4', '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-movflags', '+faststart'],
    [
      ...picture,
      ...sound,
      '-t',
      '0.5',
      '-c:v',
      'libx264',
      '-c:a',
      'aac',
      '-movflags',
      'frag_keyframe+empty_moov',
    ],
  ],
  webm: [[...picture, ...sound, '-t', '0.5', '-c:v', 'libvpx', '-b:v', '80k', '-c:a', 'libopus']],
  wav: [sound, [...sound, '-c:a', 'pcm_s24le', '-ac', '2']],
  mp3: [[...sound, '-c:a', 'libmp3lame', '-b:a', '64k']],
  png: [['-f', 'lavfi', '-i', 'testsrc2=size=48x32', '-frames:v', '1']],
  jpeg: [['-f', 'lavfi', '-i', 'testsrc2=size=48x32', '-frames:v', '1', '-update', '1']],
};

/** Small whole files of every kind that is taken, to be damaged. */
export async function makeSamples(): Promise<Sample[]> {
  const tools = await testTools();
  const folder = await testFolder();
  const samples: Sample[] = [];
  try {
    for (const container of containers) {
      for (const [index, args] of recipes[container].entries()) {
        const path = folder.path(`${index}.${container}`);
        await ffmpeg(tools, [...args, path]);
        samples.push({ container, bytes: await Bun.file(path).bytes() });
      }
    }
    return samples;
  } finally {
    await folder.remove();
  }
}
