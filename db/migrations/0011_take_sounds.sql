-- The sound that a stand-alone lip-sync was made for has columns of its own. It stood where uploaded and
-- generated takes have the file that they were made from.
alter table takes
  add column sound_key text,
  add column sound_bytes bigint,
  add column sound_sha256 text;
-- Before the update: rows whose checks are deferred keep a table from being altered.
create index takes_sound_key on takes (sound_key) where sound_key is not null;
update takes
  set sound_key = source_key, sound_bytes = source_bytes, sound_sha256 = source_sha256,
    source_key = null, source_bytes = null, source_sha256 = null, source_name = null
  where kind = 'lipsynced' and source_key is not null;
