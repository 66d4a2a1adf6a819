-- Who is connected. The roles that may not see another's session get null for its details.
-- $1 the database's name, or null for every database
-- Asks the function behind pg_stat_activity: a new session takes longer to take that view apart.
select a.pid,
       pg_catalog.pg_get_userbyid(a.usesysid) as role,
       d.datname as database,
       coalesce(a.client_hostname, pg_catalog.host(a.client_addr), 'local') as client,
       a.application_name as application,
       a.backend_type,
       a.state,
       pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.state_change) as state_age,
       case when a.state <> 'idle'
            then pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.query_start) end
           as query_age,
       a.query,
       a.backend_start::text as started,
       a.pid = pg_catalog.pg_backend_pid() as is_own
  from pg_catalog.pg_stat_get_activity(null) a
  join pg_catalog.pg_database d on d.oid = a.datid
 where $1::text is null or d.datname = $1
 order by a.pid <> pg_catalog.pg_backend_pid(), d.datname,
          pg_catalog.pg_get_userbyid(a.usesysid), a.pid
