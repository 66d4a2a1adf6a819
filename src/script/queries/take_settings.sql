-- Gives this session the settings of another one.
-- $1 these, as session_settings.sql says them
select pg_catalog.set_config(mine.name, theirs.value, false)
  from pg_catalog.jsonb_each_text($1::jsonb) as theirs(name, value)
  join pg_catalog.pg_settings mine on mine.name = theirs.name
 where mine.setting is distinct from theirs.value
