import { jsonb } from '../../db/columns';
import type { Queryable } from '../../db/connect';
import type { FilmstripGrid } from './takes.rules';

/** A worker that is silent for this long has died; its take is another's. */
const CLAIM_MINUTES = 10;
/** A take that no picture can be made of is left alone after this many tries. */
const MAX_ATTEMPTS = 3;

/**
 * Takes over the newest take that has no pictures yet. Null: there is none, or another worker was
 * faster. A take whose work died with its process comes again after ten minutes.
 */
export async function claimPictureWork(sql: Queryable): Promise<string | null> {
  const [claimed] = await sql<{ takeId: string }[]>`
    insert into picture_work (take_id)
    select t.id from takes t left join picture_work w on w.take_id = t.id
    where t.poster_key is null and (
      w.take_id is null
      or (w.attempts < ${MAX_ATTEMPTS} and w.claimed_at < now() - make_interval(mins => ${CLAIM_MINUTES}))
    )
    order by t.created_at desc, t.id desc limit 1
    on conflict (take_id) do update set attempts = picture_work.attempts + 1, claimed_at = now()
      where picture_work.claimed_at < now() - make_interval(mins => ${CLAIM_MINUTES})
    returning take_id`;
  return claimed?.takeId ?? null;
}

export async function notePictureError(sql: Queryable, takeId: string, message: string): Promise<void> {
  await sql`update picture_work set last_error = ${message} where take_id = ${takeId}`;
}

/** Gives the take its pictures. False when it is gone or has some already. */
export async function savePictures(
  sql: Queryable,
  takeId: string,
  pictures: { posterKey: string; filmstripKey: string | null; filmstrip: FilmstripGrid | null },
): Promise<boolean> {
  const columns = { ...pictures, filmstrip: jsonb(sql, pictures.filmstrip) };
  const rows = await sql`
    update takes set ${sql(columns, 'posterKey', 'filmstripKey', 'filmstrip')}
    where id = ${takeId} and poster_key is null returning id`;
  await sql`delete from picture_work where take_id = ${takeId}`;
  return rows.length === 1;
}
