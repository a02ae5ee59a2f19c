-- Small pictures of takes: a poster, and for clips a filmstrip. They are made from the take after it was
-- stored, so a missing one never fails or delays the work that made the take.
alter table takes
  add column poster_key text,
  add column filmstrip_key text,
  -- Grid of the filmstrip: columns, rows, tiles, tileWidth, tileHeight, everyFrames.
  add column filmstrip jsonb;
create index takes_without_poster on takes (created_at) where poster_key is null;

-- Who is at it, and how often it was tried.
create table picture_work (
  take_id uuid primary key references takes (id) on delete cascade,
  attempts integer not null default 1,
  claimed_at timestamptz not null default now(),
  last_error text
);

-- Workers hear of new takes as soon as they are there for everyone.
create function announce_takes() returns trigger language plpgsql as $$
begin
  perform pg_notify('songreel_takes', '');
  return null;
end
$$;
create trigger takes_announced after insert on takes for each statement execute function announce_takes();

-- Copies of scenes and projects share the objects of their takes, which are deleted with the last of them.
alter table takes drop constraint takes_s3_key_key;
create index takes_s3_key on takes (s3_key);
create index takes_source_key on takes (source_key) where source_key is not null;
create index takes_poster_key on takes (poster_key) where poster_key is not null;
alter table images drop constraint images_s3_key_key;
create index images_s3_key on images (s3_key);
create index songs_source_key on songs (source_key);
