import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeDemoMaterial } from './material/material';
import { writeDemoSong } from './song/demo-song';

/** Paints and synthesises the sample's files in a process of its own: it keeps a core busy for seconds. */
const { values } = parseArgs({
  options: {
    directory: { type: 'string', default: '' },
    ffmpeg: { type: 'string', default: '' },
    width: { type: 'string', default: '' },
    height: { type: 'string', default: '' },
    fps: { type: 'string', default: '' },
  },
});
const { singer, skyline, stage } = await writeDemoMaterial(values.directory, {
  ffmpegPath: values.ffmpeg,
  width: Number(values.width),
  height: Number(values.height),
  fps: Number(values.fps),
});
const song = join(values.directory, 'song.wav');
if (!(await Bun.file(song).exists())) await writeDemoSong(song);
console.log(JSON.stringify({ song, clips: [skyline, singer, stage] }));
