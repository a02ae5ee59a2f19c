import * as v from 'valibot';
import { providerNames } from './provider.names';
import { providerKinds } from './provider.schema';

/** What the studio is and has: for its settings page. */
export const StudioSchema = v.object({
  version: v.string(),
  /** Who does each kind of work when a request names nobody, and whether that costs money. */
  providers: v.array(
    v.object({ kind: v.picklist(providerKinds), name: v.picklist(providerNames), paid: v.boolean() }),
  ),
  storage: v.object({
    /** Of media in the store. */
    bytes: v.number(),
    files: v.number(),
    /** Of local files whose upload is not confirmed yet. */
    waitingBytes: v.number(),
    waitingFiles: v.number(),
  }),
  maxUploadBytes: v.number(),
  /** Whether the sample project can be made. */
  sample: v.boolean(),
});
export type StudioFacts = v.InferOutput<typeof StudioSchema>;
