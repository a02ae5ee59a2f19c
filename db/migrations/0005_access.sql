-- Who may use a studio that others can reach, and what they changed.

-- A token is `sr_<public id>_<secret>`; only a hash of the secret is kept. It holds 256 random bits, so
-- a slow hash would add nothing.
create table api_tokens (
  id uuid primary key,
  public_id text not null unique,
  secret_hash bytea not null,
  name text not null unique,
  scope text not null check (scope in ('read', 'edit', 'admin')),
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  revoked_at timestamptz
);

-- A browser that signed in with a token: its cookie is `<id>.<secret>`. It ends with its token: that of
-- a row above, or one of API_TOKENS (which has no row, so its hash is kept).
create table sessions (
  id uuid primary key,
  secret_hash bytea not null,
  token_id uuid references api_tokens (id) on delete cascade,
  setting_hash bytea,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  check ((token_id is null) <> (setting_hash is null))
);
create index sessions_end on sessions (expires_at);

-- Every request that was to change something, by whom, and what came of it. Outlives tokens and projects.
create table audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  request_id text not null,
  caller text not null,
  token_id uuid,
  method text not null,
  path text not null,
  project_id uuid,
  status integer not null,
  error text
);
create index audit_log_project on audit_log (project_id, id desc) where project_id is not null;
create index audit_log_age on audit_log (at);
