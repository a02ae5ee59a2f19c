-- Providers that cost money: what was called, what it cost, and what must not be called twice.

alter table projects add column budget_usd numeric(12, 2) check (budget_usd >= 0);

-- One row for each create call, written before it is sent. It outlives its job, its scene and its
-- project: money that was spent stays known.
create table provider_calls (
  id uuid primary key,
  project_id uuid references projects (id) on delete set null,
  scene_id uuid,
  job_id uuid not null,
  -- 1 for the job's first call, more for those that people asked for anew.
  number integer not null check (number >= 1),
  kind text not null check (kind in ('lipsync', 'image', 'video')),
  provider text not null,
  model text not null,
  state text not null check (state in ('intended', 'accepted', 'refused', 'unknown', 'succeeded', 'failed', 'canceled')),
  -- An `unknown` call is open until somebody has looked for it at the provider.
  open boolean not null default true,
  remote_id text,
  request jsonb not null default '{}',
  charged text not null default 'unknown' check (charged in ('no', 'yes', 'unknown')),
  estimated_usd numeric(12, 6),
  cost_usd numeric(12, 6),
  message text,
  created_at timestamptz not null default now(),
  accepted_at timestamptz,
  ended_at timestamptz,
  unique (job_id, number)
);
-- The database itself keeps a job to one open call.
create unique index provider_calls_one_open on provider_calls (job_id) where open;
create unique index provider_calls_remote on provider_calls (provider, remote_id) where remote_id is not null;
create index provider_calls_project on provider_calls (project_id, created_at);

-- Webhooks that were taken: a repeated one is answered and does nothing. Kept for a day.
create table webhook_deliveries (
  provider text not null,
  delivery_id text not null,
  received_at timestamptz not null default now(),
  primary key (provider, delivery_id)
);
create index webhook_deliveries_age on webhook_deliveries (received_at);
