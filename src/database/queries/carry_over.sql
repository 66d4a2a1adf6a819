-- Gives one database what hangs on another one's OID, so that it would be lost in a change of names:
-- privileges, settings of the database and of roles in it, the limit of connections, whether it
-- takes connections and is a template, security labels. What the new one has been given already
-- wins: its own settings and labels stay, and what was granted and revoked there comes last.
-- A block of PL/pgSQL, to be run with an empty search path.
-- crudctl.from is the one's OID, crudctl.to the other one's name.
declare
    source_oid constant pg_catalog.oid := pg_catalog.current_setting('crudctl.from', true);
    copy_name constant pg_catalog.name := pg_catalog.current_setting('crudctl.to', true);
    change pg_catalog.text;
begin
    for change in
        with source as (
            select * from pg_catalog.pg_database d where d.oid = source_oid
        ), copy as (
            select * from pg_catalog.pg_database d where d.datname = copy_name
        ),
        -- From nothing, what the owner granted, then what others passed on. Until it gets the
        -- owner's name it is this role's, whose own default must not stay.
        granted (place, number, statement) as (
            select 1, 0::pg_catalog.int8,
                   pg_catalog.format('revoke all on database %I from public, current_user%s cascade',
                                     copy.datname, (
                       select pg_catalog.string_agg(
                                  distinct ', ' || pg_catalog.quote_ident(
                                      pg_catalog.pg_get_userbyid(g.grantee)), '')
                         from pg_catalog.aclexplode(copy.datacl) g
                        where g.grantee not in (0, copy.datdba)))
              from source, copy
             where source.datacl is not null
            union all
            select case when g.grantor = source.datdba then 2 else 3 end,
                   pg_catalog.min(g.number),
                   case when g.grantor = source.datdba then '' else pg_catalog.format(
                        'set local role %I; ', pg_catalog.pg_get_userbyid(g.grantor)) end
                   || pg_catalog.format(
                          'grant %s on database %I to %s%s',
                          pg_catalog.string_agg(g.privilege_type, ', ' order by g.privilege_type),
                          copy.datname,
                          case when g.grantee = 0 then 'public' else pg_catalog.quote_ident(
                               pg_catalog.pg_get_userbyid(g.grantee)) end,
                          case when g.is_grantable then ' with grant option' else '' end)
                   || case when g.grantor = source.datdba then '' else '; reset role' end
              from source, copy,
                   lateral rows from (pg_catalog.aclexplode(source.datacl)) with ordinality
                       g (grantor, grantee, privilege_type, is_grantable, number)
             group by source.datdba, copy.datname, g.grantor, g.grantee, g.is_grantable
        ),
        -- What was granted and revoked in the new one itself.
        own_acl as (
            select copy.datname, g.grantee, g.privilege_type, g.is_grantable
              from source, copy, lateral pg_catalog.aclexplode(copy.datacl) g
             where source.datacl is not null
        ), usual_acl as (
            select copy.datname, g.grantee, g.privilege_type, g.is_grantable
              from source, copy,
                   lateral pg_catalog.aclexplode(pg_catalog.acldefault('d', copy.datdba)) g
             where source.datacl is not null and copy.datacl is not null
        ),
        regranted (place, number, statement) as (
            select 4, 0::pg_catalog.int8,
                   pg_catalog.format('grant %s on database %I to %s%s', a.privilege_type, a.datname,
                                     case when a.grantee = 0 then 'public'
                                          else pg_catalog.quote_ident(
                                               pg_catalog.pg_get_userbyid(a.grantee)) end,
                                     case when a.is_grantable then ' with grant option' else '' end)
              from (table own_acl except table usual_acl) a
            union all
            select 5, 0,
                   pg_catalog.format('revoke %s on database %I from %s', a.privilege_type,
                                     a.datname,
                                     case when a.grantee = 0 then 'public'
                                          else pg_catalog.quote_ident(
                                               pg_catalog.pg_get_userbyid(a.grantee)) end)
              from (table usual_acl except table own_acl) a
        ),
        -- ALTER DATABASE … SET and ALTER ROLE … IN DATABASE … SET. Of some parameters the value is a
        -- list whose quotes are part of it: SET would quote it once more.
        settings (place, number, statement) as (
            select 6, pg_catalog.row_number() over (order by r.setrole, c.number),
                   case when v.name in ('search_path', 'temp_tablespaces',
                                        'local_preload_libraries', 'session_preload_libraries')
                        then pg_catalog.format(
                             'select pg_catalog.set_config(%L, %L, true); %s set %I from current',
                             v.name, v.value, w.whose, v.name)
                        else pg_catalog.format('%s set %I to %L', w.whose, v.name, v.value) end
              from source
             cross join copy
              join pg_catalog.pg_db_role_setting r on r.setdatabase = source.oid,
                   lateral pg_catalog.unnest(r.setconfig) with ordinality c (text, number),
                   lateral (select pg_catalog.split_part(c.text, '=', 1) as name,
                                   pg_catalog.substr(c.text, pg_catalog.strpos(c.text, '=') + 1)
                                       as value) v,
                   lateral (select case when r.setrole = 0
                                   then pg_catalog.format('alter database %I', copy.datname)
                                   else pg_catalog.format(
                                        'alter role %I in database %I',
                                        pg_catalog.pg_get_userbyid(r.setrole), copy.datname) end
                                       as whose) w
             where not exists (
                       select
                         from pg_catalog.pg_db_role_setting own,
                              lateral pg_catalog.unnest(own.setconfig) o (text)
                        where own.setdatabase = copy.oid
                          and own.setrole = r.setrole
                          and pg_catalog.split_part(o.text, '=', 1) = v.name)
        ),
        rest (place, number, statement) as (
            select 7, 0::pg_catalog.int8,
                   pg_catalog.format('alter database %I connection limit %s', copy.datname,
                                     source.datconnlimit)
              from source, copy
             where source.datconnlimit >= 0 and copy.datconnlimit = -1
            union all
            select 7, 1, pg_catalog.format('alter database %I is_template true', copy.datname)
              from source, copy
             where source.datistemplate and not copy.datistemplate
            union all
            select 7, 2, pg_catalog.format('security label for %I on database %I is %L',
                                           l.provider, copy.datname, l.label)
              from source
             cross join copy
              join pg_catalog.pg_shseclabel l
                on l.objoid = source.oid and l.classoid = 'pg_catalog.pg_database'::regclass
             where not exists (
                       select
                         from pg_catalog.pg_shseclabel own
                        where own.objoid = copy.oid and own.classoid = l.classoid
                          and own.provider = l.provider)
            union all
            select 7, 3, pg_catalog.format('alter database %I allow_connections false',
                                           copy.datname)
              from source, copy
             where not source.datallowconn and copy.datallowconn
        )
        select a.statement
          from (table granted
                union all table regranted
                union all table settings
                union all table rest) a
         order by a.place, a.number
    loop
        execute change;
    end loop;
end;
