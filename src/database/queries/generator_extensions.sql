-- Extensions whose functions make random values alone, each with its schema: but for those beside
-- which somebody has a function of the same name, which a call without a schema could reach.
select e.extname as name, n.nspname as schema
  from pg_catalog.pg_extension e
  join pg_catalog.pg_namespace n on n.oid = e.extnamespace
 where e.extname in ('pgcrypto', 'uuid-ossp')
   and not exists (
           select
             from pg_catalog.pg_depend of_extension
             join pg_catalog.pg_proc its on its.oid = of_extension.objid
             join pg_catalog.pg_proc other on other.proname = its.proname
            where of_extension.classid = 'pg_catalog.pg_proc'::regclass
              and of_extension.refclassid = 'pg_catalog.pg_extension'::regclass
              and of_extension.refobjid = e.oid
              and of_extension.deptype = 'e'
              and other.pronamespace <> 'pg_catalog'::regnamespace
              and not exists (
                      select
                        from pg_catalog.pg_depend d
                       where d.classid = 'pg_catalog.pg_proc'::regclass
                         and d.objid = other.oid
                         and d.refclassid = 'pg_catalog.pg_extension'::regclass
                         and d.refobjid = e.oid
                         and d.deptype = 'e'))
