import type { Database } from '../../../db/connect';
import type { BinUsecases } from '../../features/history/bin.usecases';
import { asNewClip } from '../../library/fitting.rules';
import { chooseSong, insertSong, lockProject, touchProject } from '../../library/projects.repository';
import { addTake } from '../../library/takes.completion';
import { someTake } from '../../library/takes.fixture';
import type { TakeRow } from '../../library/takes.rules';
import { newId } from '../../shared/ids';

/** A new version of a scene as a job brings it, by the same completion, without any media behind it. */
export async function addTakeTo(
  sql: Database,
  of: Pick<TakeRow, 'projectId' | 'sceneId' | 'kind'> & Partial<TakeRow>,
): Promise<string> {
  const id = newId();
  const frames = of.kind === 'image' ? null : 50;
  const take = someTake({ frames, ...of, id, s3Key: `take ${id}` });
  const { projectId, sceneId, kind } = of;
  await sql.begin((tx) =>
    addTake(tx, {
      projectId,
      sceneId,
      takes: (scene) => [
        {
          take,
          pointers: {
            image: { imageTakeId: id },
            original: asNewClip(scene, take),
            trimmed: { currentTakeId: id },
            lipsynced: { currentTakeId: id, lipsyncTakeId: id },
          }[kind],
        },
      ],
      settle: async () => null,
      succeed: async () => true,
      publish: async () => undefined,
      reason: 'test',
    }),
  );
  return id;
}

/** Another song for a project, as its upload brings it, without any sound behind it. */
export async function addSong(sql: Database, projectId: string): Promise<string> {
  const id = newId();
  await sql.begin(async (tx) => {
    await lockProject(tx, projectId);
    const file = (name: string) => `${name} of song ${id}`;
    await insertSong(tx, {
      id,
      projectId,
      fileName: 'song.wav',
      sourceKey: file('source'),
      sourceBytes: 1,
      sourceSha256: '',
      masterKey: file('master'),
      masterBytes: 1,
      masterSha256: '',
      encodedKey: file('encoded'),
      encodedBytes: 1,
      encodedSha256: '',
      samples: 480_000,
      sampleRate: 48_000,
      channels: 2,
      peaks: new Uint8Array(),
    });
    await chooseSong(tx, projectId, id);
    await touchProject(tx, projectId);
  });
  return id;
}

/** Lets the 30 days go by for which bins keep what was deleted. */
export async function emptyBins({ sql, bin }: { sql: Database; bin: BinUsecases }): Promise<void> {
  await sql`update scenes set deleted_at = deleted_at - interval '31 days' where deleted_at is not null`;
  await bin.sweep();
}
