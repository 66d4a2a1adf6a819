-- Tries to take the lock of everybody who replaces a database, and reads what must be known of it
-- from then on: which it is now, and what a new one in its place must be created with and be given.
-- One row.
-- $1 the lock's name, $2 the database's, $3 the name of whose attributes count, $4 the new one's
-- name
select pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended($1, 0)) as is_ours,
       d.oid,
       pg_catalog.shobj_description(d.oid, 'pg_database') as comment,
       (select pg_catalog.shobj_description(s.oid, 'pg_database')
          from pg_catalog.pg_database s where s.datname = $3) as comment_for_next,
       (select pg_catalog.pg_get_userbyid(s.datdba)
          from pg_catalog.pg_database s where s.datname = $3) as owner_for_next,
       (select pg_catalog.format(' encoding %L lc_collate %L lc_ctype %L',
                                 pg_catalog.pg_encoding_to_char(s.encoding),
                                 s.datcollate, s.datctype)
               -- To name the usual one takes a right on it that few have.
               || case when t.spcname <> 'pg_default'
                       then pg_catalog.format(' tablespace %I', t.spcname) else '' end
               -- The names of these columns changed from version to version. Quoted, null stays
               -- null: format() would write it out.
               || case pg_catalog.to_jsonb(s) ->> 'datlocprovider'
                  when 'i' then ' locale_provider icu' || coalesce(
                       ' icu_locale ' || pg_catalog.quote_literal(
                           coalesce(pg_catalog.to_jsonb(s) ->> 'datlocale',
                                    pg_catalog.to_jsonb(s) ->> 'daticulocale')), '')
                       || coalesce(' icu_rules ' || pg_catalog.quote_literal(
                              pg_catalog.to_jsonb(s) ->> 'daticurules'), '')
                  when 'b' then pg_catalog.format(
                       ' locale_provider builtin builtin_locale %L',
                       pg_catalog.to_jsonb(s) ->> 'datlocale')
                  when 'c' then ' locale_provider libc'
                  else '' end
          from pg_catalog.pg_database s
          join pg_catalog.pg_tablespace t on t.oid = s.dattablespace
         where s.datname = $3) as creation,
       -- One a line of its own would have to be split again: as JSON.
       (select pg_catalog.json_agg(a.statement order by a.place, a.number)
          from (
           -- CONNECTION LIMIT
           select 1 as place, 0 as number,
                  pg_catalog.format('alter database %I connection limit %s', $4::text,
                                    s.datconnlimit) as statement
             from pg_catalog.pg_database s
            where s.datname = $3 and s.datconnlimit >= 0
           union all
           -- Privileges: from nothing, what the owner granted, then what others passed on.
           -- Until it gets the owner's name it is this role's, whose own default must not stay.
           select 2, 0, pg_catalog.format('revoke all on database %I from public, current_user',
                                          $4::text)
             from pg_catalog.pg_database s
            where s.datname = $3 and s.datacl is not null
           union all
           select case when g.grantor = s.datdba then 3 else 4 end, pg_catalog.min(g.number),
                  case when g.grantor = s.datdba then '' else pg_catalog.format(
                       'set local role %I; ', pg_catalog.pg_get_userbyid(g.grantor)) end
                  || pg_catalog.format(
                         'grant %s on database %I to %s%s',
                         pg_catalog.string_agg(g.privilege_type, ', ' order by g.privilege_type),
                         $4::text,
                         case when g.grantee = 0 then 'public' else pg_catalog.quote_ident(
                              pg_catalog.pg_get_userbyid(g.grantee)) end,
                         case when g.is_grantable then ' with grant option' else '' end)
                  || case when g.grantor = s.datdba then '' else '; reset role' end
             from pg_catalog.pg_database s,
                  lateral rows from (pg_catalog.aclexplode(s.datacl)) with ordinality
                      g (grantor, grantee, privilege_type, is_grantable, number)
            where s.datname = $3
            group by s.datdba, g.grantor, g.grantee, g.is_grantable
           union all
           -- ALTER DATABASE … SET and ALTER ROLE … IN DATABASE … SET. Of these parameters the
           -- value is a list whose quotes are part of it: SET would quote it once more.
           select 5, pg_catalog.row_number() over (order by r.setrole, c.number),
                  case when v.name in ('search_path', 'temp_tablespaces', 'local_preload_libraries',
                                       'session_preload_libraries')
                       then pg_catalog.format(
                            'select pg_catalog.set_config(%L, %L, true); %s set %I from current',
                            v.name, v.value, w.whose, v.name)
                       else pg_catalog.format('%s set %I to %L', w.whose, v.name, v.value) end
             from pg_catalog.pg_database s
             join pg_catalog.pg_db_role_setting r on r.setdatabase = s.oid,
                  lateral pg_catalog.unnest(r.setconfig) with ordinality c (text, number),
                  lateral (select pg_catalog.split_part(c.text, '=', 1) as name,
                                  pg_catalog.substr(c.text, pg_catalog.strpos(c.text, '=') + 1)
                                      as value) v,
                  lateral (select case when r.setrole = 0
                                  then pg_catalog.format('alter database %I', $4::text)
                                  else pg_catalog.format(
                                       'alter role %I in database %I',
                                       pg_catalog.pg_get_userbyid(r.setrole), $4::text) end
                                      as whose) w
            where s.datname = $3
           union all
           select 6, 0, pg_catalog.format('security label for %I on database %I is %L', l.provider,
                                       $4::text, l.label)
             from pg_catalog.pg_database s
             join pg_catalog.pg_shseclabel l
               on l.objoid = s.oid and l.classoid = 'pg_catalog.pg_database'::regclass
            where s.datname = $3) a) as attributes
  from (select 1) one
  left join pg_catalog.pg_database d on d.datname = $2
