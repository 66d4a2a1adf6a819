-- Ends every other session on a database; a session that this role may not end stays, uncounted.
-- Autovacuum's has no role: the server ends it by itself where it is in the way of a rename or a
-- drop.
-- $1 the database's name, $2 another's, whose sessions end uncounted, or nothing
select count(*) filter (where case when pg_catalog.pg_terminate_backend(a.pid)
                                   then a.datname = $1 end) as ended
  from pg_catalog.pg_stat_activity a
 where a.datname in ($1, $2)
   and a.usesysid is not null
   and a.pid <> pg_catalog.pg_backend_pid()
   and (select me.rolsuper
               or pg_catalog.pg_has_role(current_user, 'pg_signal_backend', 'USAGE')
               or pg_catalog.pg_has_role(current_user, a.usesysid, 'USAGE')
          from pg_catalog.pg_roles me where me.rolname = current_user)
   and ((select me.rolsuper from pg_catalog.pg_roles me where me.rolname = current_user)
        or not coalesce((select r.rolsuper from pg_catalog.pg_roles r where r.oid = a.usesysid),
                        true))
