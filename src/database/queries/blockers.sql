-- The sessions that the one with process id $1 waits for, longest transaction first.
select a.pid,
       coalesce(nullif(a.application_name, ''), a.usename, 'a session') as application,
       coalesce(a.state, 'in a state that this role may not see') as state,
       extract(epoch from pg_catalog.clock_timestamp() - a.state_change) as state_age
  from pg_catalog.unnest(pg_catalog.pg_blocking_pids($1::pg_catalog.int4)) as b (pid)
  join pg_catalog.pg_stat_activity a on a.pid = b.pid
 order by a.xact_start, a.pid
