-- Who sings is shown with a project: a view of it that is kept ends when that changes (migration 0006).
create function revise_project_of_faces() returns trigger language plpgsql as $$
begin
  perform revise_project((select project_id from takes where id = new.take_id));
  return null;
end
$$;
create constraint trigger project_revised after insert or update on take_faces
  deferrable initially deferred for each row execute function revise_project_of_faces();

create function revise_project_of_voice() returns trigger language plpgsql as $$
begin
  perform revise_project((select project_id from songs where id = new.song_id));
  return null;
end
$$;
create constraint trigger project_revised after insert or update on song_voices
  deferrable initially deferred for each row execute function revise_project_of_voice();
