-- Who has the lock.
-- $1 the lock's name
select a.pid, a.usename as role, a.application_name as application
  from pg_catalog.pg_locks l
  join pg_catalog.pg_stat_activity a using (pid)
 where l.locktype = 'advisory'
   and l.granted
   and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
   and (l.classid::bigint << 32 | l.objid::bigint) = pg_catalog.hashtextextended($1, 0)
