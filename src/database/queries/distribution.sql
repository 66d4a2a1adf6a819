-- The tables in which Citus keeps its nodes and its distributed tables, where the database at hand has
-- that extension: each as one would name it in SQL.
select pg_catalog.format('%I.%I', n.nspname, t.relname) as name
  from pg_catalog.pg_extension e
  join pg_catalog.pg_class t
    on t.relname in ('pg_dist_node', 'pg_dist_partition') and t.relkind = 'r'
  join pg_catalog.pg_namespace n
    on n.oid = t.relnamespace and (n.nspname = 'pg_catalog' or n.oid = e.extnamespace)
 where e.extname = 'citus'
 order by 1
