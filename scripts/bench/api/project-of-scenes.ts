import { createApiClient } from '../../../api/test/studio.harness';
import { plainClip } from '../../../api/test/test-media';
import { withDatabase } from './studio.database';

/**
 * Makes a project whose scenes all have a clip, in the studio that answers at `url`. One clip is
 * uploaded; the other scenes get rows like its own, so that a project of any length is there at once.
 */
export async function makeProjectOfScenes(
  studio: { url: string; dataDirectory: string },
  scenes: number,
): Promise<string> {
  const api = createApiClient(`${studio.url}/api/mv`);
  const project = await api.createProject({ format: { width: 320, height: 180, fps: 25 } });
  for (let sequence = 1; sequence <= scenes; sequence++) {
    await api.addScene(project.id, { prompt: `Scene ${sequence}` });
  }
  const clip = await plainClip('plain-25.mp4', { size: '320x180', rate: '25', seconds: 2 });
  await api.uploadClip(project.id, 1, clip);
  await withDatabase(studio.dataDirectory, async (sql) => {
    // The scene's pictures come after it; nobody makes them for the others.
    for (;;) {
      const [made] =
        await sql`select 1 from takes where project_id = ${project.id} and poster_key is not null`;
      if (made !== undefined) break;
      await Bun.sleep(100);
    }
    await sql`
      with others as (
        select id, sequence, gen_random_uuid() as take_id from scenes
        where project_id = ${project.id} and original_take_id is null
      ), copies as (
        insert into takes (id, project_id, scene_id, kind, s3_key, content_type, bytes, sha256, width, height,
          frames, source_key, source_bytes, source_sha256, source_name, made_by, poster_key, filmstrip_key, filmstrip)
        select others.take_id, t.project_id, others.id, t.kind, t.s3_key, t.content_type, t.bytes, t.sha256,
          t.width, t.height, t.frames, t.source_key, t.source_bytes, t.source_sha256, t.source_name, t.made_by,
          t.poster_key, t.filmstrip_key, t.filmstrip
        from takes t cross join others where t.project_id = ${project.id} and t.kind = 'original'
      )
      update scenes set original_take_id = others.take_id, current_take_id = others.take_id
      from others where scenes.id = others.id`;
  });
  return project.id;
}
