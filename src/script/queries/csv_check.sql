-- The condition of a check constraint, over its table's columns.
-- $1 the schema  $2 the table  $3 the constraint
select pg_catalog.pg_get_expr(k.conbin, k.conrelid) as condition
  from pg_catalog.pg_constraint k
  join pg_catalog.pg_class t on t.oid = k.conrelid
  join pg_catalog.pg_namespace n on n.oid = t.relnamespace
 where n.nspname = $1
   and t.relname = $2
   and k.conname = $3
   and k.contype = 'c'
