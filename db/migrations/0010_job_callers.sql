-- Who asked for a job: the token's id, API_TOKENS, or local. It bounds how many jobs one caller has waiting.
-- Null: nobody (made before this column, or by the studio itself).
alter table jobs add column requested_by text;
