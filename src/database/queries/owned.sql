-- What emptying.sql would drop that people know by name, a row each.
select o.kind, coalesce(n.nspname, '') as schema, o.name
  from (select 'extension' as kind, 'pg_catalog.pg_extension'::pg_catalog.regclass as class, e.oid,
               e.extname as name, e.extowner as owner, 0::pg_catalog.oid as namespace
          from pg_catalog.pg_extension e
         where e.extname not in ('plpgsql', 'citus', 'citus_columnar', 'timescaledb')
        union all
        select case c.relkind when 'v' then 'view'
                              when 'm' then 'materialized view'
                              when 'f' then 'foreign table'
                              when 'S' then 'sequence'
                              else 'table' end,
               'pg_catalog.pg_class'::pg_catalog.regclass, c.oid, c.relname, c.relowner,
               c.relnamespace
          from pg_catalog.pg_class c
         where c.relkind in ('r', 'p', 'v', 'm', 'f')
            or (c.relkind = 'S'
                and not exists (select from pg_catalog.pg_depend d
                                 where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                                   and d.objid = c.oid and d.deptype = 'a'))
        union all
        select 'routine', 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid, p.proname, p.proowner,
               p.pronamespace
          from pg_catalog.pg_proc p
        union all
        select 'type', 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, t.typname, t.typowner,
               t.typnamespace
          from pg_catalog.pg_type t
          left join pg_catalog.pg_class c on c.oid = t.typrelid
         where (t.typtype in ('e', 'd', 'r') or c.relkind = 'c')) o
  left join pg_catalog.pg_namespace n on n.oid = o.namespace
 where (n.oid is null or (n.nspname <> 'information_schema' and n.nspname !~ '^pg_'))
   and pg_catalog.pg_has_role(current_user, o.owner, 'USAGE')
   and not exists (select from pg_catalog.pg_depend d
                    where d.classid = o.class and d.objid = o.oid and d.deptype in ('e', 'i'))
 group by 1, 2, 3
 order by o.kind <> 'extension', 2, 1, 3
