-- A scene is a slot of the song with a length of its own; a window says how its clip fills it (decision 0265).
alter table scenes rename column planned_frames to slot_frames;
alter table scenes
  -- Null: the default window (api/contract/window.schema.ts).
  add column "window" jsonb,
  -- The lip-sync that the scene is meant to have, also while its clip is cut otherwise; null: none.
  add column lipsync_take_id uuid references takes (id) deferrable initially deferred;
alter table takes
  -- What a fitted take or a lip-sync was made with; of an original: how its picture lies in the frame, null
  -- where it has the frame's own shape.
  add column "window" jsonb,
  -- The file holds the frames [source_start, source_start + frames) of source_frames at the project's rate.
  add column source_start integer not null default 0 check (source_start >= 0),
  add column source_frames integer check (source_frames > 0);
-- A fitted take may be slower or longer than the frames of the clip that it shows.
alter table takes drop constraint takes_check2;
alter table takes add constraint takes_trimmed_check
  check (kind <> 'trimmed' or (trim_in >= 0 and trim_out > trim_in));
-- The picture of a scene is fitted beside its other work.
drop index jobs_one_active_per_scene;
create unique index jobs_one_active_per_scene on jobs (scene_id)
  where state in ('queued', 'running') and kind <> 'fit';
create unique index jobs_one_fit_per_scene on jobs (scene_id)
  where state in ('queued', 'running') and kind = 'fit';

-- Clips were fitted into the frame with black around them, and stay so.
create function pg_temp.old_window(in_frame integer) returns jsonb language sql as $$
  select jsonb_build_object('inFrame', in_frame, 'speed', 1, 'blend', false, 'ending', 'hold', 'framing',
    jsonb_build_object('mode', 'fit', 'background', '#000000', 'x', 0.5, 'y', 0.5, 'scale', 1))
$$;
update takes set source_frames = frames, "window" = pg_temp.old_window(0) where kind = 'original';
update takes set "window" = pg_temp.old_window(trim_in) where kind = 'trimmed';
-- A lip-sync was always made from an un-synced take.
update takes set "window" = pg_temp.old_window(coalesce(parent.trim_in, 0))
  from takes parent
  where takes.kind = 'lipsynced' and parent.id = takes.parent_id;
update scenes set slot_frames = current.frames, "window" = current."window",
    lipsync_take_id = case when current.kind = 'lipsynced' then current.id end
  from takes current
  where current.id = scenes.current_take_id;
-- Trims and splits are done at once now, and their takes made by fitting. What was under way is asked for again.
update jobs set state = 'canceled', finished_at = now(), updated_at = now()
  where kind in ('trim', 'split') and state in ('queued', 'running');
update jobs set kind = 'fit' where kind in ('trim', 'split');
