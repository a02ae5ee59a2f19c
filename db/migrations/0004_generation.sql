-- What jobs show of the provider that does them, and pictures that are no scene's.

alter table jobs add column model text;
-- Whether any of its calls to a provider was charged; null: it made none.
alter table jobs add column charged text check (charged in ('no', 'yes', 'unknown'));

-- References of characters and products. Projects had lists of keys for them that nothing ever filled.
create table images (
  id uuid primary key,
  project_id uuid references projects (id) on delete cascade,
  s3_key text not null unique,
  content_type text not null,
  bytes bigint not null,
  sha256 text not null,
  width integer not null,
  height integer not null,
  made_by jsonb not null default '{}',
  job_id uuid,
  created_at timestamptz not null default now()
);
create index images_project on images (project_id, created_at);
alter table projects drop column character_image_keys, drop column product_image_keys;

-- Open calls of ended jobs are looked for every few minutes.
create index provider_calls_open on provider_calls (created_at) where open;
