-- What the studio page draws and does not want to compute.

-- The song's loudest sample in each hundredth of a second, one byte each (255 is full scale). Null for
-- songs that came before it was measured.
alter table songs add column peaks bytea;

-- Lists of projects show when each was last changed; lists of jobs the newest of all projects.
create index projects_changed on projects (updated_at desc, id desc);
create index jobs_newest on jobs (created_at desc);
