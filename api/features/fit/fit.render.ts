import { join } from 'node:path';
import type { Format } from '../../contract/format.schema';
import type { Wanted } from '../../library/window.rules';
import { shownFrames } from '../../library/window.rules';
import type { MediaService } from '../../media/media.service.types';
import type { StepOptions } from '../../media/media.types';

/** Renders what a window shows of a clip, exactly as many frames as the slot has. */
export async function renderWindow(
  media: Pick<MediaService, 'makeTake' | 'fitTake'>,
  of: {
    input: string;
    output: string;
    directory: string;
    format: Format;
    wanted: Wanted;
    sourceFrames: number;
  },
  step: StepOptions,
): Promise<void> {
  const { input, output, format, wanted, sourceFrames } = of;
  const { from: inFrame, to: outFrame } = shownFrames(wanted, sourceFrames);
  const trim = { inFrame, outFrame };
  if (outFrame - inFrame === wanted.slotFrames) {
    await media.makeTake({ input, output, format, trim }, step);
    return;
  }
  const part = join(of.directory, 'part.mp4');
  await media.makeTake({ input, output: part, format, trim }, step);
  await media.fitTake({ input: part, output, format, frames: wanted.slotFrames }, step);
}
