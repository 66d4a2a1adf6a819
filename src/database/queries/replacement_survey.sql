-- What must be known besides before a database is made, replaced or dropped.
-- $1 the database's name, or null for the one that this session is in
-- $2 names of roles that matter to a build, as a JSON array, or null where there is none
-- It asks the functions behind pg_stat_activity and its like: a new session would need a third of
-- the time only to take those views apart.
select me.rolsuper or me.rolcreatedb as may_create,
       coalesce(pg_catalog.pg_has_role(current_user, d.datdba,
                    case when pg_catalog.current_setting('server_version_num')::int >= 160000
                         then 'SET' else 'MEMBER' end), false) as may_make_for_owner,
       coalesce(pg_catalog.pg_has_role(d.datdba, me.oid, 'MEMBER'), true) as owner_acts_as_us,
       coalesce(d.datconnlimit <> -2, true) as is_valid,
       case when d.oid is not null
                 and (me.rolsuper or pg_catalog.has_database_privilege(d.oid, 'CONNECT'))
            then pg_catalog.pg_database_size(d.oid) end as size,
       coalesce((select pg_catalog.string_agg(p.gid, ', ' order by p.gid)
                   from pg_catalog.pg_prepared_xact() p
                  where p.dbid = d.oid), '') as prepared_transactions,
       coalesce((select pg_catalog.string_agg(s.slot_name::text, ', ' order by s.slot_name)
                   from pg_catalog.pg_get_replication_slots() s
                  where s.datoid = d.oid), '') as replication_slots,
       coalesce((select pg_catalog.string_agg(
                            c.application || ' (' || c.count
                            || case when c.open > 0 then ', ' || c.open || ' in a transaction'
                               else '' end || ')', ', ' order by c.application)
                   from (select coalesce(nullif(a.application_name, ''),
                                         pg_catalog.pg_get_userbyid(a.usesysid)) as application,
                                pg_catalog.count(*) as count,
                                pg_catalog.count(a.xact_start) as open
                           from pg_catalog.pg_stat_get_activity(null) a
                          where a.datid = d.oid
                            and a.usesysid is not null -- autovacuum's, which gives way by itself
                            and a.pid <> pg_catalog.pg_backend_pid()
                          group by 1) c), '') as sessions,
       coalesce((select pg_catalog.string_agg(u.subname::text, ', ' order by u.subname)
                   from pg_catalog.pg_subscription u
                  where u.subdbid = d.oid), '') as subscriptions,
       -- Rights of roles that own nothing there, policies for them, and what another one than the
       -- server's first superuser made of what a schema file may not have.
       exists (select
                 from pg_catalog.pg_shdepend h
                where h.dbid = d.oid
                  and (h.deptype in ('a', 'r')
                       or (h.deptype = 'o'
                           and h.classid in ('pg_catalog.pg_publication'::regclass,
                                             'pg_catalog.pg_extension'::regclass))))
           as may_lose_rights,
       coalesce((select pg_catalog.string_agg(coalesce(nullif(a.application_name, ''), 'one'), ', ')
                   from pg_catalog.pg_stat_get_wal_senders() w
                   join pg_catalog.pg_stat_get_activity(null) a on a.pid = w.pid
                  where a.datid is null
                    and coalesce(w.state, 'streaming') = 'streaming'), '') as standbys,
       coalesce(pg_catalog.concat_ws(' ', pg_catalog.pg_encoding_to_char(d.encoding),
                                     d.datcollate, d.datctype,
                                     pg_catalog.to_jsonb(d) ->> 'datlocprovider',
                                     pg_catalog.to_jsonb(d) ->> 'daticulocale',
                                     pg_catalog.to_jsonb(d) ->> 'datlocale',
                                     pg_catalog.to_jsonb(d) ->> 'daticurules'), '') as locale,
       pg_catalog.concat_ws(' ', pg_catalog.pg_encoding_to_char(f.encoding),
                            f.datcollate, f.datctype,
                            pg_catalog.to_jsonb(f) ->> 'datlocprovider',
                            pg_catalog.to_jsonb(f) ->> 'daticulocale',
                            pg_catalog.to_jsonb(f) ->> 'datlocale',
                            pg_catalog.to_jsonb(f) ->> 'daticurules') as fresh_locale,
       case when d.dattablespace <> f.dattablespace
            then (select t.spcname from pg_catalog.pg_tablespace t where t.oid = d.dattablespace)
            end as tablespace,
       -- What a new session of this role, with these options, begins with, and what the roles of $2
       -- and this one may, and who is a member of whom: that decides what files make.
       case when $2::text is not null then pg_catalog.concat_ws(E'\n',
           (select pg_catalog.md5(pg_catalog.string_agg(s.name || '=' || s.reset_val, E'\n'
                                                        order by s.name))
              from pg_catalog.pg_settings s
             where s.context in ('user', 'superuser')
               and s.name not in ('application_name', 'transaction_isolation',
                                  'transaction_read_only', 'transaction_deferrable')),
           (select pg_catalog.string_agg(pg_catalog.concat_ws(' ', a.rolname, a.oid, a.rolsuper,
                                             a.rolinherit, a.rolbypassrls, a.rolcreaterole,
                                             a.rolcreatedb, a.rolreplication),
                                         E'\n' order by a.rolname)
              from pg_catalog.pg_roles a
             where a.rolname = current_user
                or a.rolname in (select n.value
                                   from pg_catalog.json_array_elements_text($2::text::json) n)),
           (select pg_catalog.md5(pg_catalog.string_agg(m.member || ' in ' || m.roleid, ','
                                                        order by m.member, m.roleid))
              from pg_catalog.pg_auth_members m)) end as roles,
       -- What a session of this role there begins with.
       (select pg_catalog.json_agg(c.text order by r.setrole desc, c.number)
          from pg_catalog.pg_db_role_setting r,
               lateral pg_catalog.unnest(r.setconfig) with ordinality c (text, number)
         where r.setdatabase = d.oid and r.setrole in (0, me.oid)) as settings
  from pg_catalog.pg_roles me
  join pg_catalog.pg_database f on f.datname = 'template0'
  left join pg_catalog.pg_database d
    on d.datname = coalesce($1, pg_catalog.current_database())
 where me.rolname = current_user
