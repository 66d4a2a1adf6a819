-- Databases that an interrupted run left behind: known by their comment, never by name alone.
-- $1 the comment
select d.datname as name, pg_catalog.pg_database_size(d.oid) as size
  from pg_catalog.pg_database d
 where pg_catalog.shobj_description(d.oid, 'pg_database') = $1
 order by d.datname
