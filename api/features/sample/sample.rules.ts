/** The scene whose person sings: its number. */
export const SINGING_SCENE = 2;

/** How far a sample project is. */
export type SampleState = {
  activeJobId: string | null;
  hasSong: boolean;
  /** What each scene shows; null: it has no clip yet. */
  clips: (string | null)[];
  isComposed: boolean;
};

/** `incomplete`: something is missing that no job is making. */
export type SampleStep =
  | { kind: 'wait'; jobId: string }
  | { kind: 'incomplete' | 'lipsync' | 'compose' | 'done' };

/** What a sample project lacks next; steps in `tried` are not asked for again, whatever came of them. */
export function nextStep(sample: SampleState, tried: ReadonlySet<string>): SampleStep {
  if (sample.activeJobId !== null) return { kind: 'wait', jobId: sample.activeJobId };
  const singer = sample.clips[SINGING_SCENE - 1] ?? null;
  if (!sample.hasSong || singer === null || sample.clips.includes(null)) return { kind: 'incomplete' };
  if (singer !== 'lipsynced' && !tried.has('lipsync')) return { kind: 'lipsync' };
  if (!sample.isComposed && !tried.has('compose')) return { kind: 'compose' };
  return { kind: 'done' };
}
