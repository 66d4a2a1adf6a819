-- The condition of a check constraint, over its table's columns.
-- Literals in the place of these names: schema, table, constraint
select pg_catalog.pg_get_expr(k.conbin, k.conrelid) as condition
  from pg_catalog.pg_constraint k
  join pg_catalog.pg_class t on t.oid = k.conrelid
  join pg_catalog.pg_namespace n on n.oid = t.relnamespace
 where n.nspname = :schema
   and t.relname = :table
   and k.conname = :constraint
   and k.contype = 'c'
