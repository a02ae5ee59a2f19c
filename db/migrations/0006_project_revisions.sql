-- A number for each project that changes with everything its view shows, so that one cheap query tells
-- whether a view that was made earlier is still true.

-- No foreign key: its check would lock the project's row at commit, against those who hold it and wait
-- for this commit.
create table project_revisions (
  project_id uuid primary key,
  revision bigint not null
);
create sequence project_revision;
insert into project_revisions select id, nextval('project_revision') from projects;

-- Runs at the very end of each transaction, under the lock that its events take there as well (0001), and
-- once for each project however many rows were changed.
create function revise_project(changed uuid) returns void language plpgsql as $$
begin
  if changed is null or current_setting('songreel.revised', true) = changed::text then
    return;
  end if;
  perform set_config('songreel.revised', changed::text, true);
  perform pg_advisory_xact_lock(hashtextextended('events ' || changed, 0));
  insert into project_revisions
    select id, nextval('project_revision') from projects where id = changed
    on conflict (project_id) do update set revision = excluded.revision;
  if not found then
    delete from project_revisions where project_id = changed;
  end if;
end
$$;

create function revise_own_project() returns trigger language plpgsql as $$
begin
  perform revise_project(case when tg_op = 'DELETE' then old.id else new.id end);
  return null;
end
$$;

create function revise_project_of_row() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    perform revise_project(old.project_id);
  end if;
  if tg_op <> 'DELETE' then
    perform revise_project(new.project_id);
  end if;
  return null;
end
$$;

create constraint trigger project_revised after insert or update or delete on projects
  deferrable initially deferred for each row execute function revise_own_project();
create constraint trigger project_revised after insert or update or delete on songs
  deferrable initially deferred for each row execute function revise_project_of_row();
create constraint trigger project_revised after insert or update or delete on scenes
  deferrable initially deferred for each row execute function revise_project_of_row();
create constraint trigger project_revised after insert or update or delete on takes
  deferrable initially deferred for each row execute function revise_project_of_row();
create constraint trigger project_revised after insert or update or delete on jobs
  deferrable initially deferred for each row execute function revise_project_of_row();
create constraint trigger project_revised after insert or update or delete on compositions
  deferrable initially deferred for each row execute function revise_project_of_row();
create constraint trigger project_revised after insert or update or delete on images
  deferrable initially deferred for each row execute function revise_project_of_row();
