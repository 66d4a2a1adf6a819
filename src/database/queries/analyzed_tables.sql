-- Counts what was loaded and gives the planner its statistics: the database's own tables only,
-- since a bare ANALYZE walks the catalogs too and takes three times as long. They are looked for with
-- an empty search path, so that no operator of the files' takes part; ANALYZE itself may run functions
-- of indexes, which rely on the session's.
do $analyze$
declare
    path_before constant pg_catalog.text := pg_catalog.current_setting('search_path');
    tables pg_catalog.regclass[];
    loaded pg_catalog.regclass;
begin
    perform pg_catalog.set_config('search_path', '', true);
    tables := array(
        select t.oid
          from pg_catalog.pg_class t
          join pg_catalog.pg_namespace n on n.oid = t.relnamespace
         where t.relkind in ('r', 'p', 'm')
           and not t.relispartition
           and n.nspname <> 'information_schema'
           and n.nspname !~ '^pg_');
    perform pg_catalog.set_config('search_path', path_before, true);
    foreach loaded in array tables loop
        execute pg_catalog.format('analyze %s', loaded);
    end loop;
end
$analyze$;
