import type { SongStructure } from '#contract/song-structure.schema';
import { i18n } from '#lib/text/i18n.svelte.ts';

/** What a section of a song is called: by its name, else by its letter. */
export function sectionName({ name, part }: SongStructure['sections'][number]): string {
  const { sections } = i18n.t.timeline;
  return name === null ? sections.part(part) : sections[name];
}
