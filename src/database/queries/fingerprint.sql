-- The database at hand, and a digest of everything in it that somebody made: another one once a
-- table, a type, a function or a schema is made, changed or dropped.
select (select d.oid from pg_catalog.pg_database d
         where d.datname = pg_catalog.current_database()) as oid,
       pg_catalog.md5(pg_catalog.concat_ws('|',
           (select pg_catalog.string_agg(c.oid || ' ' || c.xmin, ',' order by c.oid)
              from pg_catalog.pg_class c where c.oid >= 16384),
           (select pg_catalog.string_agg(p.oid || ' ' || p.xmin, ',' order by p.oid)
              from pg_catalog.pg_proc p where p.oid >= 16384),
           (select pg_catalog.string_agg(t.oid || ' ' || t.xmin, ',' order by t.oid)
              from pg_catalog.pg_type t where t.oid >= 16384),
           (select pg_catalog.string_agg(n.oid || ' ' || n.xmin, ',' order by n.oid)
              from pg_catalog.pg_namespace n where n.oid >= 16384),
           (select pg_catalog.string_agg(e.oid || ' ' || e.xmin, ',' order by e.oid)
              from pg_catalog.pg_extension e))) as objects
