import { defineExportFormat, type ExportTimeline } from '../../export-format.rules';

/** Schemas of OpenTimelineIO's JSON, as its version 0.15 and newer write them. */
function write({ title, fps, frames, clips, song, ...size }: ExportTimeline): string {
  const time = (value: number) => ({ OTIO_SCHEMA: 'RationalTime.1', rate: fps, value });
  const range = (length: number) => ({
    OTIO_SCHEMA: 'TimeRange.1',
    start_time: time(0),
    duration: time(length),
  });
  const clip = (of: { name: string; fileName: string; frames: number; metadata: object }) => ({
    OTIO_SCHEMA: 'Clip.1',
    name: of.name,
    source_range: range(of.frames),
    media_reference: {
      OTIO_SCHEMA: 'ExternalReference.1',
      target_url: encodeURIComponent(of.fileName),
      available_range: range(of.frames),
    },
    metadata: { songreel: of.metadata },
  });
  const track = (kind: string, children: unknown[]) => ({
    OTIO_SCHEMA: 'Track.1',
    name: kind,
    kind,
    children,
    metadata: {},
  });
  const picture = clips.map(({ sequence, prompt, fileName, frames: length }) =>
    clip({ name: `Scene ${sequence}`, fileName, frames: length, metadata: { sequence, prompt } }),
  );
  const sound = song === null ? [] : [clip({ name: 'Song', fileName: song.fileName, frames, metadata: {} })];
  return `${JSON.stringify(
    {
      OTIO_SCHEMA: 'Timeline.1',
      name: title,
      global_start_time: time(0),
      tracks: {
        OTIO_SCHEMA: 'Stack.1',
        name: 'tracks',
        children: [track('Video', picture), ...(song === null ? [] : [track('Audio', sound)])],
        metadata: {},
      },
      metadata: { songreel: size },
    },
    null,
    2,
  )}\n`;
}

export const otio = defineExportFormat({
  id: 'otio',
  label: 'OpenTimelineIO',
  contentType: 'application/json; charset=utf-8',
  extension: 'otio',
  write,
});
