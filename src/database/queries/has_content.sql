-- Whether the database at hand has anything that did not come with it or with an extension. What
-- belongs to something else (a table's row type, an array, a range's constructor) tells nothing.
select exists (
           select
             from pg_catalog.pg_class c
             join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
              and n.nspname <> 'information_schema'
              and n.nspname !~ '^pg_'
              and not exists (select from pg_catalog.pg_depend d
                               where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                                 and d.objid = c.oid and d.deptype in ('e', 'i')
                                 and d.refobjid <> d.objid))
       or exists (
           select
             from pg_catalog.pg_proc p
             join pg_catalog.pg_namespace n on n.oid = p.pronamespace
            where n.nspname <> 'information_schema'
              and n.nspname !~ '^pg_'
              and not exists (select from pg_catalog.pg_depend d
                               where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                                 and d.objid = p.oid and d.deptype in ('e', 'i')
                                 and d.refobjid <> d.objid))
       or exists (
           select
             from pg_catalog.pg_type t
             join pg_catalog.pg_namespace n on n.oid = t.typnamespace
             left join pg_catalog.pg_class c on c.oid = t.typrelid
            where (t.typtype in ('b', 'd', 'e', 'r') or c.relkind = 'c')
              and n.nspname <> 'information_schema'
              and n.nspname !~ '^pg_'
              and not exists (select from pg_catalog.pg_depend d
                               where d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
                                 and d.objid = t.oid and d.deptype in ('e', 'i')
                                 and d.refobjid <> d.objid))
