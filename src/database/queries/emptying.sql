-- Drops what this role owns in the database at hand: event triggers and extensions first, then
-- schemas, and in those that stay (public, and those of extensions that stay) all the rest. An
-- extension whose library belongs to the server's start stays, and what belongs to an extension goes
-- with it alone. What the drops call, others' event triggers for one, has the session's path.
do $emptying$
declare
    path_before constant pg_catalog.text := pg_catalog.current_setting('search_path');
    thing record;
    named record;
    dropping pg_catalog.text;
begin
    perform pg_catalog.set_config('search_path', '', true);
    for thing in
        select 0 as place, 'event trigger' as kind, e.evtname as name
          from pg_catalog.pg_event_trigger e
         where pg_catalog.pg_has_role(current_user, e.evtowner, 'USAGE')
           and not exists (select from pg_catalog.pg_depend d
                            where d.classid = 'pg_catalog.pg_event_trigger'::pg_catalog.regclass
                              and d.objid = e.oid and d.deptype = 'e')
        union all
        select 1, 'extension', e.extname
          from pg_catalog.pg_extension e
         where e.extname not in ('plpgsql', 'citus', 'citus_columnar', 'timescaledb')
           and pg_catalog.pg_has_role(current_user, e.extowner, 'USAGE')
         order by place
    loop
        perform pg_catalog.set_config('search_path', path_before, true);
        execute pg_catalog.format('drop %s if exists %I cascade', thing.kind, thing.name);
        perform pg_catalog.set_config('search_path', '', true);
    end loop;
    for thing in
        select pg_catalog.format('drop schema if exists %I cascade', n.nspname) as statement
          from pg_catalog.pg_namespace n
         where n.nspname not in ('public', 'information_schema')
           and n.nspname !~ '^pg_'
           and pg_catalog.pg_has_role(current_user, n.nspowner, 'USAGE')
           and not exists (select from pg_catalog.pg_extension e where e.extnamespace = n.oid)
           and not exists (select from pg_catalog.pg_depend d
                            where d.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
                              and d.objid = n.oid and d.deptype = 'e')
    loop
        perform pg_catalog.set_config('search_path', path_before, true);
        execute thing.statement;
        perform pg_catalog.set_config('search_path', '', true);
    end loop;
    for thing in
        select o.class, o.oid
          from (select 1 as place, 'pg_catalog.pg_class'::pg_catalog.regclass as class, c.oid,
                       c.relowner as owner, c.relnamespace as namespace
                  from pg_catalog.pg_class c
                 where c.relkind in ('r', 'p', 'v', 'm', 'f')
                union all
                select 2, 'pg_catalog.pg_class'::pg_catalog.regclass, c.oid, c.relowner,
                       c.relnamespace
                  from pg_catalog.pg_class c
                 where c.relkind = 'S'
                union all
                select 3, 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid, p.proowner,
                       p.pronamespace
                  from pg_catalog.pg_proc p
                union all
                select 4, 'pg_catalog.pg_operator'::pg_catalog.regclass, p.oid, p.oprowner,
                       p.oprnamespace
                  from pg_catalog.pg_operator p
                union all
                select 4, 'pg_catalog.pg_opfamily'::pg_catalog.regclass, f.oid, f.opfowner,
                       f.opfnamespace
                  from pg_catalog.pg_opfamily f
                union all
                select 4, 'pg_catalog.pg_opclass'::pg_catalog.regclass, c.oid, c.opcowner,
                       c.opcnamespace
                  from pg_catalog.pg_opclass c
                union all
                select 5, 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, t.typowner,
                       t.typnamespace
                  from pg_catalog.pg_type t
                  left join pg_catalog.pg_class c on c.oid = t.typrelid
                 where t.typtype in ('b', 'e', 'd', 'r', 'p') and t.typelem = 0 or c.relkind = 'c'
                union all
                select 6, 'pg_catalog.pg_collation'::pg_catalog.regclass, c.oid, c.collowner,
                       c.collnamespace
                  from pg_catalog.pg_collation c
                union all
                select 6, 'pg_catalog.pg_conversion'::pg_catalog.regclass, c.oid, c.conowner,
                       c.connamespace
                  from pg_catalog.pg_conversion c
                union all
                select 6, 'pg_catalog.pg_ts_config'::pg_catalog.regclass, c.oid, c.cfgowner,
                       c.cfgnamespace
                  from pg_catalog.pg_ts_config c
                union all
                select 7, 'pg_catalog.pg_ts_dict'::pg_catalog.regclass, c.oid, c.dictowner,
                       c.dictnamespace
                  from pg_catalog.pg_ts_dict c
                union all
                -- These have no owner but the server's first superuser.
                select 8, 'pg_catalog.pg_ts_template'::pg_catalog.regclass, x.oid, 10::pg_catalog.oid,
                       x.tmplnamespace
                  from pg_catalog.pg_ts_template x
                union all
                select 8, 'pg_catalog.pg_ts_parser'::pg_catalog.regclass, x.oid, 10::pg_catalog.oid,
                       x.prsnamespace
                  from pg_catalog.pg_ts_parser x
                union all
                select 8, 'pg_catalog.pg_cast'::pg_catalog.regclass, x.oid, 10::pg_catalog.oid, null
                  from pg_catalog.pg_cast x
                 where x.oid >= 16384
                union all
                select 8, 'pg_catalog.pg_am'::pg_catalog.regclass, x.oid, 10::pg_catalog.oid, null
                  from pg_catalog.pg_am x
                 where x.oid >= 16384
                union all
                select 8, 'pg_catalog.pg_language'::pg_catalog.regclass, x.oid, x.lanowner, null
                  from pg_catalog.pg_language x
                 where x.oid >= 16384
                union all
                select 8, 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass, s.oid, s.stxowner,
                       s.stxnamespace
                  from pg_catalog.pg_statistic_ext s
                union all
                select 9, 'pg_catalog.pg_publication'::pg_catalog.regclass, p.oid, p.pubowner, null
                  from pg_catalog.pg_publication p
                union all
                select 9, 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass, w.oid,
                       w.fdwowner, null
                  from pg_catalog.pg_foreign_data_wrapper w
                union all
                select 9, 'pg_catalog.pg_foreign_server'::pg_catalog.regclass, s.oid, s.srvowner,
                       null
                  from pg_catalog.pg_foreign_server s) o
          left join pg_catalog.pg_namespace n on n.oid = o.namespace
         where (n.oid is null or (n.nspname <> 'information_schema' and n.nspname !~ '^pg_'))
           and pg_catalog.pg_has_role(current_user, o.owner, 'USAGE')
           and not exists (select from pg_catalog.pg_depend d
                            where d.classid = o.class and d.objid = o.oid
                              and d.deptype in ('e', 'i')
                              and d.refobjid <> d.objid)
         order by o.place
    loop
        -- It may have gone with another one since, and has no name then.
        select i.type, i.identity into named
          from pg_catalog.pg_identify_object(thing.class, thing.oid, 0) i;
        if named.identity is not null then
            dropping := pg_catalog.format(
                'drop %s %s cascade',
                case when thing.class = 'pg_catalog.pg_proc'::pg_catalog.regclass then 'routine'
                     when thing.class = 'pg_catalog.pg_type'::pg_catalog.regclass then 'type'
                     when named.type = 'statistics object' then 'statistics'
                     else pg_catalog.replace(named.type, '-', ' ') end, named.identity);
            perform pg_catalog.set_config('search_path', path_before, true);
            execute dropping;
            perform pg_catalog.set_config('search_path', '', true);
        end if;
    end loop;
    for thing in
        select pg_catalog.format('alter default privileges for role %I%s', r.rolname,
                                 ' in schema ' || pg_catalog.quote_ident(n.nspname)) as whose,
               case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences'
                                    when 'f' then 'functions' when 'T' then 'types'
                                    when 'n' then 'schemas' else 'large objects' end as what,
               d.defaclacl as acl,
               case when n.oid is null and d.defaclobjtype <> 'L'
                    then pg_catalog.acldefault(
                             case d.defaclobjtype when 'S' then 's' else d.defaclobjtype end,
                             d.defaclrole) end as usual
          from pg_catalog.pg_default_acl d
          join pg_catalog.pg_roles r on r.oid = d.defaclrole
          left join pg_catalog.pg_namespace n on n.oid = d.defaclnamespace
         where pg_catalog.pg_has_role(current_user, d.defaclrole, 'USAGE')
    loop
        for named in
            select pg_catalog.format('%s revoke all on %s from %s', thing.whose, thing.what,
                                     case when a.grantee = 0 then 'public' else
                                          pg_catalog.quote_ident(
                                              pg_catalog.pg_get_userbyid(a.grantee)) end) as change
              from pg_catalog.aclexplode(thing.acl) a
            union all
            select pg_catalog.format('%s grant %s on %s to %s', thing.whose, a.privilege_type,
                                     thing.what,
                                     case when a.grantee = 0 then 'public' else
                                          pg_catalog.quote_ident(
                                              pg_catalog.pg_get_userbyid(a.grantee)) end)
              from pg_catalog.aclexplode(thing.usual) a
        loop
            execute named.change;
        end loop;
    end loop;
    perform pg_catalog.lo_unlink(m.oid)
       from pg_catalog.pg_largeobject_metadata m
      where pg_catalog.pg_has_role(current_user, m.lomowner, 'USAGE');
    perform pg_catalog.set_config('search_path', path_before, true);
end
$emptying$;
