-- Ends the session with a process id, where it has a lock: another one may have the id by now.
-- $1 the lock's name, $2 the process id
select pg_catalog.pg_terminate_backend(l.pid)
  from pg_catalog.pg_locks l
 where l.pid = $2
   and l.locktype = 'advisory'
   and l.granted
   and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
   and (l.classid::bigint << 32 | l.objid::bigint) = pg_catalog.hashtextextended($1, 0)
