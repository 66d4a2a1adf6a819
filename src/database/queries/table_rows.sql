-- The tables of the database at hand, with rows as last counted by ANALYZE. -1: never, or Citus may
-- have them on other nodes. ANALYZE reads all of a table that has fewer pages than its sample.
select n.nspname as schema, t.relname as name,
       case when pg_catalog.to_regclass('pg_catalog.pg_dist_partition') is null
            then t.reltuples::bigint else -1 end as rows,
       pg_catalog.pg_total_relation_size(t.oid) as size,
       (select coalesce(pg_catalog.sum(part.relpages), 0)
               <= 300 * pg_catalog.current_setting('default_statistics_target')::int
          from pg_catalog.pg_class part
         where part.oid = t.oid
            or (t.relkind = 'p'
                and part.oid in (select p.relid from pg_catalog.pg_partition_tree(t.oid) p)))
           as is_exact
  from pg_catalog.pg_class t
  join pg_catalog.pg_namespace n on n.oid = t.relnamespace
 where t.relkind in ('r', 'p')
   and not t.relispartition
   and n.nspname <> 'information_schema'
   and n.nspname !~ '^pg_'
 order by n.nspname, t.relname
