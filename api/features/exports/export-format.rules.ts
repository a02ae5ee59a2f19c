/** One clip of the timeline. All times are whole frames of the project. */
export type ExportClip = {
  sequence: number;
  prompt: string;
  /** The file's name in the studio, without its folder. */
  fileName: string;
  /** Where the clip begins in the video. */
  startFrame: number;
  /** Length; the clip plays from its first frame. */
  frames: number;
};

/** A project's timeline as export formats get it: clips one after the other, under one song. */
export type ExportTimeline = {
  title: string;
  fps: number;
  width: number;
  height: number;
  frames: number;
  clips: ExportClip[];
  song: { fileName: string } | null;
};

/** How a timeline is written for another program. */
export type ExportFormat = {
  /** In the URL: small letters and digits. */
  id: string;
  label: string;
  contentType: string;
  /** Of the file, without a dot. */
  extension: string;
  write(timeline: ExportTimeline): string;
};

/** A format of `formats/<id>/`; listed in `formats/index.ts`. */
export const defineExportFormat = (format: ExportFormat): ExportFormat => format;
