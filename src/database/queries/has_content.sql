-- Whether the database at hand has anything that did not come with it or with an extension.
select exists (
           select
             from pg_catalog.pg_class c
             join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where n.nspname <> 'information_schema'
              and n.nspname !~ '^pg_')
       or exists (
           select
             from pg_catalog.pg_proc p
             join pg_catalog.pg_namespace n on n.oid = p.pronamespace
            where n.nspname <> 'information_schema'
              and n.nspname !~ '^pg_'
              and not exists (select from pg_catalog.pg_depend d
                               where d.objid = p.oid and d.deptype = 'e'))
       or exists (
           select
             from pg_catalog.pg_type t
             join pg_catalog.pg_namespace n on n.oid = t.typnamespace
            where n.nspname <> 'information_schema'
              and n.nspname !~ '^pg_'
              and not exists (select from pg_catalog.pg_depend d
                               where d.objid = t.oid and d.deptype = 'e'))
