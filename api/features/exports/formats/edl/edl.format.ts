import { defineExportFormat, type ExportTimeline } from '../../export-format.rules';

/** Programs show a sequence from one hour on, so that there is time before its first frame. */
const FIRST_HOUR_SECONDS = 3600;
/** Numbers of events have three digits (CMX 3600). */
const MOST_EVENTS = 999;
/** Of a title line, by the same standard. */
const TITLE_CHARACTERS = 70;

const twoDigits = (value: number) => String(value).padStart(2, '0');

/** `HH:MM:SS:FF`. Rates are whole numbers here, so nothing is dropped. */
export function timecode(frame: number, fps: number): string {
  const seconds = Math.floor(frame / fps);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60, frame % fps];
  return parts.map(twoDigits).join(':');
}

/** What is in one line of the file: it has no escapes. */
const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();

/**
 * An edit decision list (CMX 3600): one event a clip on the video track, all from reel `AX` (a file), the
 * file's name in a comment as editing programs write it. Clips after the 999th have no number in this
 * format: they are left out, and a comment says so.
 */
function write({ title, fps, clips, song }: ExportTimeline): string {
  const at = (frame: number) => timecode(frame, fps);
  const first = FIRST_HOUR_SECONDS * fps;
  const lines = [`TITLE: ${oneLine(title).slice(0, TITLE_CHARACTERS)}`, 'FCM: NON-DROP FRAME', ''];
  for (const [index, clip] of clips.slice(0, MOST_EVENTS).entries()) {
    const start = first + clip.startFrame;
    const number = String(index + 1).padStart(3, '0');
    lines.push(
      `${number}  AX       V     C        ${at(0)} ${at(clip.frames)} ${at(start)} ${at(start + clip.frames)}`,
      `* FROM CLIP NAME: ${clip.fileName}`,
    );
    if (oneLine(clip.prompt) !== '') lines.push(`* COMMENT: ${oneLine(clip.prompt)}`);
    lines.push('');
  }
  if (clips.length > MOST_EVENTS)
    lines.push(`* COMMENT: ${clips.length - MOST_EVENTS} MORE CLIPS DO NOT FIT`);
  if (song !== null) lines.push(`* COMMENT: SONG ${oneLine(song.fileName)}`);
  return `${lines.join('\n').trimEnd()}\n`;
}

export const edl = defineExportFormat({
  id: 'edl',
  label: 'Edit decision list (CMX 3600)',
  contentType: 'text/plain; charset=utf-8',
  extension: 'edl',
  write,
});
