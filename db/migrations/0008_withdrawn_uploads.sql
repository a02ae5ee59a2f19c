-- Files that nobody wants any more, said by another machine than the one that has them: only that one can
-- delete them, and forgets the row then.
alter table uploads drop constraint uploads_state_check;
alter table uploads add constraint uploads_state_check
  check (state in ('pending', 'confirmed', 'deleted', 'failed', 'withdrawn'));
