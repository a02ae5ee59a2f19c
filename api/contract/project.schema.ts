import * as v from 'valibot';
import { ComposeOptionsSchema } from './compose.schema';
import { FormatSchema } from './format.schema';
import { JobSchema } from './job.schema';
import { SceneSchema } from './scene.schema';
import { TimelinePlaceSchema } from './timeline-change.schema';

export const projectModes = ['music-video', 'ad-creative'] as const;

export const SongSchema = v.object({
  id: v.string(),
  fileName: v.string(),
  duration: v.number(),
  samples: v.number(),
  sampleRate: v.number(),
  channels: v.number(),
  url: v.string(),
  masterUrl: v.string(),
  createdAt: v.string(),
});
export type Song = v.InferOutput<typeof SongSchema>;

/** How loud the song is over time, for drawing it. */
export const PeaksSchema = v.object({
  songId: v.string(),
  peaksPerSecond: v.number(),
  /** The loudest sample of each step, 0 (silence) to 255 (full scale). */
  peaks: v.array(v.number()),
});
export type Peaks = v.InferOutput<typeof PeaksSchema>;

export const FinalVideoSchema = v.object({
  id: v.string(),
  url: v.string(),
  /** A path on this server that browsers save under the project's title. */
  downloadUrl: v.string(),
  s3Key: v.string(),
  bytes: v.number(),
  sha256: v.string(),
  frames: v.number(),
  duration: v.number(),
  width: v.number(),
  height: v.number(),
  fps: v.number(),
  /** True when scenes, their lengths, takes or song have changed since it was composed. */
  outOfDate: v.boolean(),
  /** Fades, ending and missing clips as they were asked for; null: composed by an earlier version. */
  composedWith: v.nullable(ComposeOptionsSchema),
  createdAt: v.string(),
});
export type FinalVideo = v.InferOutput<typeof FinalVideoSchema>;

const projectFields = {
  id: v.string(),
  title: v.string(),
  mode: v.picklist(projectModes),
  concept: v.string(),
  characterDescription: v.string(),
  productDescription: v.string(),
  format: FormatSchema,
  /** The most that providers may cost, in US dollars; null: no limit. */
  budgetUsd: v.nullable(v.number()),
  audioBackingTrackS3Key: v.nullable(v.string()),
  audioDuration: v.nullable(v.number()),
  sceneCount: v.number(),
  createdAt: v.string(),
  updatedAt: v.string(),
};

export const ProjectSummarySchema = v.object(projectFields);
export type ProjectSummary = v.InferOutput<typeof ProjectSummarySchema>;

/** A picture that shows what a character or product looks like. */
export const ReferenceImageSchema = v.object({
  id: v.string(),
  url: v.string(),
  width: v.number(),
  height: v.number(),
  createdAt: v.string(),
});
export type ReferenceImage = v.InferOutput<typeof ReferenceImageSchema>;

export const ProjectSchema = v.object({
  ...projectFields,
  /** Given along to image and video providers that take references. */
  characterImages: v.array(ReferenceImageSchema),
  song: v.nullable(SongSchema),
  frames: v.nullable(v.number()),
  duration: v.nullable(v.number()),
  scenes: v.array(SceneSchema),
  /** Numbers of the scenes whose clip doesn't reach to their end: its last frame is held, or it is played back and forth. */
  heldScenes: v.array(v.number()),
  /** Work on the project as a whole: its song, its composition. */
  activeJobs: v.array(JobSchema),
  finalVideo: v.nullable(FinalVideoSchema),
  timeline: TimelinePlaceSchema,
});
export type Project = v.InferOutput<typeof ProjectSchema>;

export const projectStates = ['empty', 'draft', 'working', 'failed', 'ready', 'final', 'outdated'] as const;
export type ProjectState = (typeof projectStates)[number];

/** A project in the list: what its card shows. */
export const ProjectCardSchema = v.object({
  ...projectFields,
  state: v.picklist(projectStates),
  /** Seconds of the clips that the scenes have; null when there are none. */
  duration: v.nullable(v.number()),
  /** A small JPEG that stands for the project: the first scene's that has one. */
  posterUrl: v.nullable(v.string()),
  posterImageUrl: v.nullable(v.string()),
  /** A clip whose first picture can stand for the project. */
  posterClipUrl: v.nullable(v.string()),
});
export type ProjectCard = v.InferOutput<typeof ProjectCardSchema>;

export const ProjectListSchema = v.object({ projects: v.array(ProjectCardSchema), total: v.number() });

const title = v.pipe(
  v.string('title must be text.'),
  v.trim(),
  v.minLength(1, 'A project needs a title.'),
  v.maxLength(200, 'A title has at most 200 characters.'),
);
const text = (name: string) =>
  v.pipe(v.string(`${name} must be text.`), v.maxLength(20_000, `${name} has at most 20000 characters.`));

const budgetUsd = v.nullable(
  v.pipe(
    v.number('budgetUsd must be a number of US dollars, or null for no limit.'),
    v.finite('budgetUsd must be a number of US dollars, or null for no limit.'),
    v.minValue(0, 'budgetUsd must not be negative.'),
    v.maxValue(1_000_000, 'budgetUsd must be at most 1000000.'),
  ),
);

export const CreateProjectSchema = v.strictObject({
  title,
  mode: v.optional(v.picklist(projectModes, 'mode must be "music-video" or "ad-creative".'), 'music-video'),
  concept: v.optional(text('concept'), ''),
  characterDescription: v.optional(text('characterDescription'), ''),
  productDescription: v.optional(text('productDescription'), ''),
  format: v.optional(FormatSchema, { width: 1280, height: 720, fps: 25 }),
  budgetUsd: v.optional(budgetUsd, null),
});
export type CreateProject = v.InferOutput<typeof CreateProjectSchema>;

export const UpdateProjectSchema = v.strictObject({
  title: v.optional(title),
  concept: v.optional(text('concept')),
  characterDescription: v.optional(text('characterDescription')),
  productDescription: v.optional(text('productDescription')),
  format: v.optional(FormatSchema),
  budgetUsd: v.optional(budgetUsd),
});
export type UpdateProject = v.InferOutput<typeof UpdateProjectSchema>;

export const DuplicateProjectSchema = v.strictObject({
  /** Left out: the original's with "(copy)". */
  title: v.optional(title),
  /** The copy's picture size in pixels; left out: the original's. */
  size: v.optional(v.pick(FormatSchema, ['width', 'height'])),
});
export type DuplicateProject = v.InferOutput<typeof DuplicateProjectSchema>;

const wholeNumberText = (name: string, max: number) =>
  v.pipe(
    v.string(),
    v.regex(/^\d{1,6}$/, `${name} must be a whole number.`),
    v.transform(Number),
    v.maxValue(max, `${name} must be at most ${max}.`),
  );

export const ListProjectsQuerySchema = v.object({
  search: v.optional(v.pipe(v.string(), v.maxLength(200)), ''),
  limit: v.optional(wholeNumberText('limit', 200), '50'),
  offset: v.optional(wholeNumberText('offset', 100_000), '0'),
});
