-- What media URLs are signed with. One row, made by the first process that starts.
create table signing_keys (
  only_one boolean primary key default true check (only_one),
  secret bytea not null check (length(secret) = 32),
  created_at timestamptz not null default now()
);
