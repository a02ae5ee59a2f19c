-- The studio: projects, scenes, takes, songs, compositions, jobs, the upload outbox, events.
-- Lengths are whole frames of the project's format; nothing here is seconds.

create table projects (
  id uuid primary key,
  title text not null,
  mode text not null check (mode in ('music-video', 'ad-creative')),
  concept text not null default '',
  character_description text not null default '',
  product_description text not null default '',
  character_image_keys text[] not null default '{}',
  product_image_keys text[] not null default '{}',
  width integer not null check (width > 0),
  height integer not null check (height > 0),
  fps integer not null check (fps in (24, 25, 30)),
  song_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- Every song a project ever had: lip-syncs remember which one they were made for.
create table songs (
  id uuid primary key,
  project_id uuid not null references projects (id) on delete cascade,
  file_name text not null,
  source_key text not null,
  source_bytes bigint not null,
  source_sha256 text not null,
  -- 48 kHz WAV, decoded once: slices are cut from it to the sample.
  master_key text not null,
  master_bytes bigint not null,
  master_sha256 text not null,
  -- AAC in m4a, encoded once: compose copies it.
  encoded_key text not null,
  encoded_bytes bigint not null,
  encoded_sha256 text not null,
  samples bigint not null check (samples > 0),
  sample_rate integer not null,
  channels integer not null,
  created_at timestamptz not null default now()
);
create index songs_project on songs (project_id);
alter table projects add foreign key (song_id) references songs (id) deferrable initially deferred;

create table scenes (
  id uuid primary key,
  project_id uuid not null references projects (id) on delete cascade,
  -- 1..n without gaps, kept so by renumbering under a lock of the project's row.
  sequence integer not null check (sequence >= 1),
  prompt text not null default '',
  negative_prompt text not null default '',
  planned_frames integer check (planned_frames > 0),
  image_take_id uuid,
  original_take_id uuid,
  current_take_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (project_id, sequence) deferrable initially deferred
);

-- Every version of a scene's media. Rows never change and no key is used twice.
create table takes (
  id uuid primary key,
  project_id uuid not null references projects (id) on delete cascade,
  scene_id uuid not null references scenes (id) on delete cascade,
  kind text not null check (kind in ('image', 'original', 'trimmed', 'lipsynced')),
  parent_id uuid references takes (id) on delete cascade,
  s3_key text not null unique,
  content_type text not null,
  bytes bigint not null,
  sha256 text not null,
  width integer not null,
  height integer not null,
  -- Null for images.
  frames integer check (frames > 0),
  -- The file as it was uploaded or generated, untouched: trims are cut from it.
  source_key text,
  source_bytes bigint,
  source_sha256 text,
  source_name text,
  -- Of a trim: the frames [trim_in, trim_out) of the original take.
  trim_in integer,
  trim_out integer,
  -- Of a lip-sync: the song and the frames [audio_start, audio_end) of it that it was made for.
  song_id uuid references songs (id),
  audio_start integer,
  audio_end integer,
  -- What made it: provider, model, options, ignored options, report.
  made_by jsonb not null default '{}',
  cost_usd numeric(12, 6),
  job_id uuid,
  created_at timestamptz not null default now(),
  check ((kind = 'image') = (frames is null)),
  -- A lip-sync to other sound than the song (POST /lipsync) has none of the three.
  check ((song_id is null) = (audio_start is null) and (song_id is null) = (audio_end is null)),
  check (kind <> 'trimmed' or (trim_in >= 0 and trim_out - trim_in = frames))
);
create index takes_scene on takes (scene_id, created_at);
create index takes_project on takes (project_id);
alter table scenes add foreign key (image_take_id) references takes (id) deferrable initially deferred;
alter table scenes add foreign key (original_take_id) references takes (id) deferrable initially deferred;
alter table scenes add foreign key (current_take_id) references takes (id) deferrable initially deferred;

create table jobs (
  id uuid primary key,
  project_id uuid references projects (id) on delete cascade,
  scene_id uuid references scenes (id) on delete cascade,
  kind text not null,
  state text not null default 'queued' check (state in ('queued', 'running', 'succeeded', 'failed', 'canceled')),
  stage text not null default 'queued',
  progress real not null default 0 check (progress between 0 and 1),
  attempt integer not null default 0,
  options jsonb not null default '{}',
  result jsonb,
  provider text,
  -- Stored the moment it is known, so that a paid job is polled again and never made again.
  provider_job_id text,
  error_code text,
  -- The HTTP status a caller who waits for the job is answered with.
  error_status integer,
  error_message text,
  error_details jsonb,
  cost_usd numeric(12, 6),
  cancel_requested_at timestamptz,
  -- The queue's entry that may run this job; any other delivery of it is stale. Null: not enqueued yet.
  entry_id uuid,
  -- The run in progress: a process that lost the job to another can't write to it any more.
  run_id uuid,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  updated_at timestamptz not null default now()
);
-- The database itself keeps a scene to one active job, and a project to one of each kind of its own.
create unique index jobs_one_active_per_scene on jobs (scene_id) where state in ('queued', 'running');
create unique index jobs_one_active_per_project on jobs (project_id, kind)
  where scene_id is null and state in ('queued', 'running');
create index jobs_scene on jobs (scene_id, created_at desc);
create index jobs_project on jobs (project_id, created_at desc);
create index jobs_active on jobs (updated_at) where state in ('queued', 'running');

-- Finished videos, newest last. `timeline` is what went in: take ids, frames and the song.
create table compositions (
  id uuid primary key,
  project_id uuid not null references projects (id) on delete cascade,
  s3_key text not null unique,
  bytes bigint not null,
  sha256 text not null,
  width integer not null,
  height integer not null,
  fps integer not null,
  frames integer not null,
  timeline jsonb not null,
  job_id uuid,
  created_at timestamptz not null default now()
);
create index compositions_project on compositions (project_id, created_at desc);

-- Videos made outside any scene (POST /lipsync and the like).
create table videos (
  id uuid primary key,
  project_id uuid references projects (id) on delete cascade,
  s3_key text not null unique,
  -- The slice of sound it was made for.
  sound_key text,
  content_type text not null,
  bytes bigint not null,
  sha256 text not null,
  width integer not null,
  height integer not null,
  fps double precision not null,
  frames integer not null,
  made_by jsonb not null default '{}',
  job_id uuid,
  created_at timestamptz not null default now()
);

-- The outbox of local files. Files that belong together form a batch: when all of its objects are
-- confirmed, its completion (a named database change with arguments) and the `confirmed` marks
-- happen in one transaction; only then are the files deleted.
create table upload_batches (
  id uuid primary key,
  job_id uuid,
  completion text not null,
  arguments jsonb not null default '{}',
  created_at timestamptz not null default now()
);
create index upload_batches_job on upload_batches (job_id);

create table uploads (
  id uuid primary key,
  batch_id uuid not null references upload_batches (id) on delete cascade,
  -- Which machine's media root holds the file: only that machine can upload or delete it.
  media_root_id uuid not null,
  path text not null,
  s3_key text not null,
  content_type text not null,
  bytes bigint not null,
  sha256 text not null,
  state text not null default 'pending' check (state in ('pending', 'confirmed', 'deleted', 'failed')),
  attempts integer not null default 0,
  last_error text,
  next_attempt_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  confirmed_at timestamptz,
  deleted_at timestamptz
);
create index uploads_open on uploads (media_root_id, state, next_attempt_at) where state <> 'deleted';
create index uploads_batch on uploads (batch_id);
create index uploads_path on uploads (media_root_id, path) where state <> 'deleted';

-- Objects that nothing needs any more; the sweep deletes them and retries until they are gone.
create table object_deletions (
  s3_key text primary key,
  reason text not null,
  attempts integer not null default 0,
  last_error text,
  next_attempt_at timestamptz not null default now(),
  created_at timestamptz not null default now()
);

-- What the page's event streams replay from. Kept for a day.
create table events (
  id bigint generated always as identity primary key,
  project_id uuid not null,
  type text not null,
  payload jsonb not null,
  -- The event's number in its stream, given at commit (see below): null is never seen by others.
  position bigint,
  created_at timestamptz not null default now()
);
create unique index events_stream on events (project_id, position);
create index events_age on events (created_at);

-- Numbers become visible in order: they are given at the very end of each transaction, under a lock
-- of the stream that is held until the commit is done. Taking that lock while inserting would
-- deadlock with transactions that lock rows of the project in another order.
create sequence events_position;
create function number_event() returns trigger language plpgsql as $$
declare
  given bigint;
begin
  perform pg_advisory_xact_lock(hashtextextended('events ' || new.project_id, 0));
  given := nextval('events_position');
  update events set position = given where id = new.id;
  perform pg_notify('songreel_events', json_build_object('projectId', new.project_id, 'id', given)::text);
  return null;
end
$$;
create constraint trigger events_numbered after insert on events
  deferrable initially deferred for each row execute function number_event();
