-- The tables of the database at hand, with rows as last counted by ANALYZE (-1: never).
select n.nspname as schema, t.relname as name, t.reltuples::bigint as rows,
       pg_catalog.pg_total_relation_size(t.oid) as size
  from pg_catalog.pg_class t
  join pg_catalog.pg_namespace n on n.oid = t.relnamespace
 where t.relkind in ('r', 'p')
   and not t.relispartition
   and n.nspname <> 'information_schema'
   and n.nspname !~ '^pg_'
 order by n.nspname, t.relname
