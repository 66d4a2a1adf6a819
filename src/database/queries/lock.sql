-- Tries to take the lock of everybody who replaces a database, and finds what interrupted runs over
-- it left behind: known by their comment, never by name alone. One row at least.
-- $1 the lock's name, $2 the comment
select l.is_ours, d.datname as name
  from (select pg_catalog.pg_try_advisory_lock(
                   pg_catalog.hashtextextended($1, 0)) as is_ours) l
  left join pg_catalog.pg_database d
    on pg_catalog.shobj_description(d.oid, 'pg_database') = $2
 order by d.datname
