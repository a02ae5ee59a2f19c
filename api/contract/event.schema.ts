import * as v from 'valibot';
import { JobSchema } from './job.schema';

/**
 * What a project's event stream carries. Events are hints: the database is the truth, so
 * `project.changed` only says "read the project again".
 */
export const ProjectEventSchema = v.variant('type', [
  v.object({ type: v.literal('job'), payload: JobSchema }),
  v.object({ type: v.literal('project.changed'), payload: v.object({ reason: v.string() }) }),
  v.object({ type: v.literal('project.deleted'), payload: v.object({}) }),
]);

export type ProjectEvent = v.InferOutput<typeof ProjectEventSchema>;

/** An event with its number in the stream, the value of `Last-Event-ID`. */
export type StoredEvent = ProjectEvent & { id: number; projectId: string };
