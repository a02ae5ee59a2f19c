import * as v from 'valibot';

export const sectionNames = ['intro', 'verse', 'prechorus', 'chorus', 'bridge', 'outro'] as const;
export type SectionName = (typeof sectionNames)[number];

export const SongStructureSchema = v.object({
  songId: v.string(),
  /** Seconds of the song. */
  duration: v.number(),
  /** Beats per minute; null: no steady beat was found, and `beats` and `bars` are empty. */
  bpm: v.nullable(v.number()),
  /** Seconds of every beat. */
  beats: v.array(v.number()),
  /** Seconds of the first beat of every bar. */
  bars: v.array(v.number()),
  /** From the song's start to its end without a gap. */
  sections: v.array(
    v.object({
      /** Seconds; end exclusive. */
      start: v.number(),
      end: v.number(),
      /** What it is; null: that can't be told. */
      name: v.nullable(v.picklist(sectionNames)),
      /** The same letter for sections that sound alike, A first. */
      part: v.string(),
    }),
  ),
});
export type SongStructure = v.InferOutput<typeof SongStructureSchema>;
