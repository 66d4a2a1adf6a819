-- Whether the database at hand has what no content is and somebody made all the same: large objects
-- and schemas.
select exists (select from pg_catalog.pg_largeobject_metadata)
       or exists (
           select
             from pg_catalog.pg_namespace n
            where n.nspname not in ('public', 'information_schema')
              and n.nspname !~ '^pg_'
              and not exists (select from pg_catalog.pg_depend d
                               where d.objid = n.oid and d.deptype = 'e'))
