-- Media can be in a project without a scene on the timeline, and stay for a while when they are deleted
-- (decision 0289).
alter table scenes
  -- Holds media that no scene uses yet: it has no number, and is never restored.
  add column media_only boolean not null default false,
  add constraint scenes_media_only_not_there check (not media_only or sequence is null);
-- Since when a take is no longer among the project's media.
alter table takes add column deleted_at timestamptz;
create index takes_deleted on takes (deleted_at) where deleted_at is not null;
