import * as v from 'valibot';

export const ExportListSchema = v.object({
  formats: v.array(
    v.object({
      id: v.string(),
      /** For people: "Edit decision list (CMX 3600)". */
      label: v.string(),
      contentType: v.string(),
      fileName: v.string(),
      /** Where the file is read. */
      url: v.string(),
    }),
  ),
});

/** In which formats a project's timeline can be had, for editing programs. */
export type ExportList = v.InferOutput<typeof ExportListSchema>;
