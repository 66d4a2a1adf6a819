-- Functions that `row.name` may call, and that may write: of one argument that takes a row.
select distinct p.proname as name
  from pg_catalog.pg_proc p
  join pg_catalog.pg_type t on t.oid = p.proargtypes[0]
 where p.pronargs >= 1
   and p.pronargs - p.pronargdefaults <= 1
   and p.provolatile = 'v'
   and p.prorettype <> 'pg_catalog.trigger'::regtype
   and t.typtype in ('c', 'd', 'p')
   and p.pronamespace <> 'pg_catalog'::regnamespace
   and p.pronamespace <> 'information_schema'::regnamespace
