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
/** As long as the three clips: the video ends with its song. */
const SONG_SECONDS = 18;
const song = join(values.directory, `song-${SONG_SECONDS}s.wav`);
if (!(await Bun.file(song).exists())) await writeDemoSong(song, { seconds: SONG_SECONDS });
console.log(JSON.stringify({ song, clips: [skyline, singer, stage] }));
