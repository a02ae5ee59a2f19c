import { join } from 'node:path';
import * as v from 'valibot';
import type { Database } from '../../../db/connect';
import { lineUpConfidences } from '../../contract/line-up.schema';
import type { Events } from '../../events/events.types';
import type { Jobs } from '../../jobs/jobs.types';
import { jobEnded, sceneGone } from '../../library/completions.errors';
import { requireProject } from '../../library/projects.lookup';
import { findSong, lockProject } from '../../library/projects.repository';
import { findTakes } from '../../library/takes.repository';
import type { MediaService } from '../../media/media.service.types';
import { requireProjectId } from '../../shared/job-subject';
import type { Storage } from '../../storage/storage.types';
import { defineJob } from '../../work/define-job';
import type { LineUpChanges } from './line-up.changes';

const FoundPlaceSchema = v.object({ offsetSeconds: v.number(), rate: v.number() });

/** What was found of a clip; the file is known by its sum, as several scenes may share it. */
const ClipFindingSchema = v.object({
  sha256: v.string(),
  confidence: v.picklist(lineUpConfidences),
  likelihood: v.number(),
  place: v.nullable(FoundPlaceSchema),
  alternatives: v.array(FoundPlaceSchema),
  heard: v.nullable(v.object({ from: v.number(), to: v.number() })),
});
export type KnownFinding = v.InferOutput<typeof ClipFindingSchema>;

export const lineUpJob = defineJob({
  kind: 'line_up',
  pool: 'ffmpeg',
  options: v.object({
    songId: v.string(),
    /** The originals that are listened to. */
    takeIds: v.array(v.string()),
    /** The scenes that are lined up when their place is certain; null: none, it is only looked for. */
    apply: v.nullable(v.object({ scenes: v.nullable(v.array(v.number())), recut: v.boolean() })),
  }),
  result: v.object({ songId: v.string(), findings: v.array(ClipFindingSchema) }),
  // It makes no files.
  completions: {},
});

/** Listens to clips and remembers where in the song they were filmed. */
export function createLineUpJob(deps: {
  sql: Database;
  jobs: Pick<Jobs, 'succeed'>;
  events: Pick<Events, 'publish'>;
  storage: Pick<Storage, 'download' | 'temporaryDirectory'>;
  media: Pick<MediaService, 'lineUp'>;
  changes: LineUpChanges;
}) {
  const { sql, jobs, storage, media } = deps;

  return lineUpJob.by({
    complete: {},
    async run({ job, options }, context) {
      const project = await requireProject(sql, requireProjectId(job));
      const song = await findSong(sql, options.songId);
      if (song === null) throw sceneGone();
      const takes = await findTakes(sql, options.takeIds);
      await using directory = await storage.temporaryDirectory(job.id);
      const { signal } = context;
      const [master, source] = [join(directory.path, 'song.wav'), join(directory.path, 'source')];
      context.progress('fetching', 0);
      await storage.download(song.masterKey, master, { signal, sha256: song.masterSha256 });
      const found = await media.lineUp(
        {
          song: master,
          clips: takes.map((take) => ({
            id: take.id,
            async fetch() {
              const sha256 = take.sourceSha256 ?? take.sha256;
              await storage.download(take.sourceKey ?? take.s3Key, source, { signal, sha256 });
              return source;
            },
          })),
          workDirectory: directory.path,
        },
        { signal, onProgress: (fraction) => context.progress('measuring', 0.05 + 0.9 * fraction) },
      );
      const findings = takes.map((take): KnownFinding => {
        const finding = found.get(take.id);
        const place = (of: { offsetSeconds: number; rate: number }) => ({
          offsetSeconds: of.offsetSeconds,
          rate: of.rate,
        });
        return {
          sha256: take.sourceSha256 ?? take.sha256,
          confidence: finding?.confidence ?? 'none',
          likelihood: finding?.likelihood ?? 0,
          place: finding?.place == null ? null : place(finding.place),
          alternatives: finding?.alternatives.map(place) ?? [],
          heard: finding?.heard ?? null,
        };
      });
      await sql.begin(async (tx) => {
        if (!(await lockProject(tx, project.id))) throw sceneGone();
        if (options.apply !== null) {
          await deps.changes.applyCertain(tx, project.id, {
            ...options.apply,
            heard: { songId: options.songId, findings },
          });
        }
        const result = { songId: options.songId, findings };
        if (!(await jobs.succeed(tx, job.id, { result }))) throw jobEnded();
        await deps.events.publish(tx, project.id, {
          type: 'project.changed',
          payload: { reason: 'clips.heard' },
        });
      });
    },
  });
}
