import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../shared/errors';
import { checkClip, checkImage, checkSong, inspectClip } from './check';
import { composeVideo } from './compose';
import { makeSlate } from './compose.pieces';
import { storeImage } from './image';
import { makeJoinable } from './joinable';
import { lineUpClips } from './line-up/line-up';
import type { MediaService } from './media.service.types';
import type { MediaTools } from './media.types';
import { readMezzanine } from './mezzanine';
import { fitFrames, normaliseClip } from './normalise';
import { clipFrames, originalFormat, rangeWithin } from './normalise.arguments';
import { measurePeaks } from './peaks';
import { cutSlice } from './slice';
import { prepareSong } from './song';
import { measureSpectrum } from './song-spectrum';
import { makeTakeThumbnails, makeThumbnail } from './thumbnails';
import { renderWindow } from './window';

/** All work on media as the studio uses it: its steps bound to the programs of this machine. */
export function createMediaService(tools: MediaTools): MediaService {
  return {
    checkClip: (path, signal) => checkClip(tools, path, signal),
    checkSong: (path, signal) => checkSong(tools, path, signal),
    checkImage: (path, signal) => checkImage(tools, path, signal),

    async makeTake({ input, output, format, trim, window, keepShape, sourceRange }, step) {
      const info = await inspectClip(tools, input, step.signal);
      if (window !== undefined) {
        const request = { sourcePath: input, info, outputPath: output, format, window };
        const made = await renderWindow(tools, request, step);
        return { ...made, sourceStart: window.inFrame, width: format.width, height: format.height };
      }
      const sourceFrames = clipFrames(info.video, format);
      const range = trim ?? (sourceRange && rangeWithin(sourceRange, sourceFrames));
      const made = await normaliseClip(
        tools,
        {
          sourcePath: input,
          info,
          outputPath: output,
          format: keepShape ? originalFormat(info.video, format) : format,
          ...(range === undefined ? {} : { range }),
        },
        step,
      );
      const { frames, width, height } = made;
      return { frames, sourceFrames, sourceStart: range?.inFrame ?? 0, width, height, held: 0 };
    },

    async fitTake({ input, output, format, frames }, step) {
      const found = await readMezzanine(input, format);
      if (found?.frames === frames) {
        await copyFile(input, output);
        return { frames, reencoded: false, received: frames };
      }
      const info = await inspectClip(tools, input, step.signal);
      await fitFrames(tools, { sourcePath: input, info, outputPath: output, format, frames }, step);
      return { frames, reencoded: true, received: clipFrames(info.video, format) };
    },

    async makeSong({ input, master, encoded }, step) {
      const { samples, sampleRate, channels } = await prepareSong(
        tools,
        { sourcePath: input, wavPath: master, aacPath: encoded },
        step,
      );
      return { samples, sampleRate, channels };
    },

    measurePeaks,

    measureSpectrum,

    lineUp: (of, step) => lineUpClips(tools, of, step),

    async cutSlice({ master, output, startSample, endSample }) {
      const { samples } = await cutSlice({
        masterPath: master,
        outputPath: output,
        startSample,
        endSample,
      });
      return { samples };
    },

    async makeImage({ input, output }, step) {
      const image = await storeImage(tools, { sourcePath: input, outputPath: output }, step);
      return { width: image.width, height: image.height, contentType: image.mimeType };
    },

    makeTakeThumbnails: ({ take, frames, format, poster, filmstrip }, step) =>
      makeTakeThumbnails(
        tools,
        { takePath: take, frames, format, posterPath: poster, filmstripPath: filmstrip },
        step,
      ),

    makeThumbnail: ({ image, contentType, poster }, step) =>
      makeThumbnail(
        tools,
        { imagePath: image, type: contentType === 'image/jpeg' ? 'jpeg' : 'png', posterPath: poster },
        step,
      ),

    async compose({ takes, song, output, format, workDirectory, ending, fades }, step) {
      const signal = step.signal === undefined ? {} : { signal: step.signal };
      const clips: string[] = [];
      for (const { path, frames } of takes) {
        if (path !== null) {
          clips.push(path);
          continue;
        }
        const slate = join(workDirectory, `slate-${frames}.mp4`);
        if (!clips.includes(slate)) await makeSlate(tools, { frames, format, outputPath: slate }, signal);
        clips.push(slate);
      }
      // Takes of an earlier ffmpeg may not fit those of this one: the odd ones are made again.
      const { paths } = await makeJoinable(tools, { paths: clips, format, folder: workDirectory }, signal);
      const { frames, takeFrames } = await composeVideo(
        tools,
        {
          takePaths: paths,
          song: { masterPath: song.master, aacPath: song.encoded },
          outputPath: output,
          format,
          workDirectory,
          ...(ending === undefined ? {} : { ending }),
          ...(fades === undefined ? {} : { fades }),
        },
        step,
      );
      const wanted = takes.reduce((sum, take) => sum + take.frames, 0);
      if (takeFrames !== wanted) {
        throw new AppError({
          code: 'FramesMissing',
          message: `The composed video has ${takeFrames} frames instead of ${wanted}. Compose again; if it stays, upload the clips again.`,
        });
      }
      return { frames };
    },
  };
}
