-- Whether a function of the names in crudctl.names, a JSON array, may act where no transaction
-- reaches: one in C that may do more than compute.
select exists (
           select
             from pg_catalog.json_array_elements_text(
                      pg_catalog.current_setting('crudctl.names', true)::json) as named (name)
             join pg_catalog.pg_proc p on p.proname = named.name::pg_catalog.name
             join pg_catalog.pg_language l on l.oid = p.prolang
            where p.provolatile = 'v'
              and (l.lanname = 'c'
                   or (l.lanname = 'internal' and p.pronamespace <> 'pg_catalog'::regnamespace))
              and not exists (
                      select
                        from pg_catalog.pg_depend d
                        join pg_catalog.pg_extension e on e.oid = d.refobjid
                       where d.classid = 'pg_catalog.pg_proc'::regclass
                         and d.objid = p.oid
                         and d.refclassid = 'pg_catalog.pg_extension'::regclass
                         and d.deptype = 'e'
                         and e.extname in ('citext', 'hstore', 'intarray', 'ltree', 'pageinspect',
                                           'pg_buffercache', 'pg_freespacemap',
                                           'pg_stat_statements', 'pg_trgm', 'pg_walinspect',
                                           'pgcrypto', 'pgrowlocks', 'pgstattuple', 'postgis',
                                           'tablefunc', 'uuid-ossp', 'vector')))
