-- The tables that a file's name could have meant, as such a name: without the schema where the
-- search path finds them.
select case when n.nspname = any (pg_catalog.current_setting('crudctl.schemas')::name[])
            then t.relname::text
            else n.nspname || '.' || t.relname end as name,
       n.nspname || '.' || t.relname as full_name,
       t.relname as relation
  from pg_catalog.pg_class t
  join pg_catalog.pg_namespace n on n.oid = t.relnamespace
 where t.relkind in ('r', 'p', 'f')
   and n.nspname <> 'information_schema'
   and n.nspname !~ '^pg_'
 order by 1
