-- Who sings where (decision 0278): faces are looked for in clips and a voice in songs after they were stored, so
-- that a failure harms nothing else. A row is also the claim of the worker that is at it.
create table take_faces (
  take_id uuid primary key references takes (id) on delete cascade,
  attempts integer not null default 1,
  claimed_at timestamptz not null default now(),
  last_error text,
  -- Null: not looked yet (api/contract/singing.schema.ts).
  faces jsonb
);
create table song_voices (
  song_id uuid primary key references songs (id) on delete cascade,
  attempts integer not null default 1,
  claimed_at timestamptz not null default now(),
  last_error text,
  -- Null: not listened yet.
  voice jsonb
);
-- Whether a scene is to be lip-synced, where somebody said so; null: what was seen and heard decides.
alter table scenes add column needs_lipsync boolean;
-- When somebody put a failed job's message away.
alter table jobs add column dismissed_at timestamptz;

-- Workers hear of new songs as they do of new takes (migration 0007).
create function announce_songs() returns trigger language plpgsql as $$
begin
  perform pg_notify('songreel_songs', '');
  return null;
end
$$;
create trigger songs_announced after insert on songs for each statement execute function announce_songs();
