-- Every state of a timeline that undo and redo can go to, and a bin for what was deleted (decisions 0271, 0272).

-- Numbers are never used twice, so that one names a state for good.
create sequence timeline_revision;
create table timeline_revisions (
  project_id uuid not null references projects (id) on delete cascade,
  number bigint not null default nextval('timeline_revision'),
  -- The song, the format, and the scenes in order with what they point at (timeline-snapshot.rules.ts).
  snapshot jsonb not null,
  -- What was changed to come here from the state before, as a code with its parameters; null: the first one.
  summary jsonb,
  -- The name of whoever changed it; null: a job, or not known.
  caller text,
  created_at timestamptz not null default now(),
  primary key (project_id, number)
);
-- For those that are too old.
create index timeline_revisions_age on timeline_revisions (created_at);

-- A project's view says what can be undone.
create constraint trigger project_revised after insert or update or delete on timeline_revisions
  deferrable initially deferred for each row execute function revise_project_of_row();

-- The state that is there now. Null until something is about to change: then the first is written down.
alter table projects add column timeline_revision bigint;

-- A deleted scene stays for a while, without a number.
alter table scenes
  alter column sequence drop not null,
  add column deleted_at timestamptz,
  -- The number that it had, where it is put back.
  add column deleted_sequence integer check (deleted_sequence >= 1),
  add constraint scenes_numbered_while_there check ((sequence is null) = (deleted_at is not null));
create index scenes_deleted on scenes (deleted_at) where deleted_at is not null;

-- Since when a song is no longer its project's.
alter table songs add column replaced_at timestamptz;
create index songs_replaced on songs (replaced_at) where replaced_at is not null;
-- Last: rows whose checks are deferred keep their table from being altered.
update songs set replaced_at = now() from projects
  where projects.id = songs.project_id and projects.song_id is distinct from songs.id;
