-- Fails with "invalid escape string" where a function of the names in crudctl.names, a JSON array,
-- may act where no transaction reaches: one in C that may do more than compute. All names are
-- qualified: the role's search_path holds.
select pg_catalog.like_escape('', case when exists (
           select
             from pg_catalog.json_array_elements_text(
                      pg_catalog.current_setting('crudctl.names', true)::pg_catalog.json)
                  as named (name)
             join pg_catalog.pg_proc p
               on p.proname operator(pg_catalog.=) named.name::pg_catalog.name
             join pg_catalog.pg_language l on l.oid operator(pg_catalog.=) p.prolang
            where p.provolatile operator(pg_catalog.=) 'v'::pg_catalog."char"
              and (l.lanname operator(pg_catalog.=) 'c'::pg_catalog.name
                   or (l.lanname operator(pg_catalog.=) 'internal'::pg_catalog.name
                       and p.pronamespace operator(pg_catalog.<>)
                           'pg_catalog'::pg_catalog.regnamespace::pg_catalog.oid))
              and not exists (
                      select
                        from pg_catalog.pg_depend d
                        join pg_catalog.pg_extension e
                          on e.oid operator(pg_catalog.=) d.refobjid
                       where d.classid operator(pg_catalog.=)
                             'pg_catalog.pg_proc'::pg_catalog.regclass
                         and d.objid operator(pg_catalog.=) p.oid
                         and d.refclassid operator(pg_catalog.=)
                             'pg_catalog.pg_extension'::pg_catalog.regclass
                         and d.deptype operator(pg_catalog.=) 'e'::pg_catalog."char"
                         and e.extname operator(pg_catalog.=) any (array[
                                 'amcheck', 'citext', 'hstore', 'intarray', 'ltree', 'pageinspect',
                                 'pg_buffercache', 'pg_freespacemap', 'pg_prewarm',
                                 'pg_stat_statements', 'pg_trgm', 'pg_visibility',
                                 'pg_walinspect', 'pgcrypto', 'pgrowlocks', 'pgstattuple',
                                 'postgis', 'postgres_fdw', 'sslinfo', 'tablefunc',
                                 'tsm_system_rows', 'tsm_system_time', 'uuid-ossp', 'vector']
                                 ::pg_catalog.name[])))
           then 'it may' else '' end)
