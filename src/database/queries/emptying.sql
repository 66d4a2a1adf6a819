-- Drops what this role owns in the database at hand: its schemas but public and those that hold an
-- extension, and in the others its tables, views, sequences, routines and types. Extensions and large
-- objects stay.
do $emptying$
declare
    path_before constant pg_catalog.text := pg_catalog.current_setting('search_path');
    thing record;
    routine pg_catalog.text;
begin
    perform pg_catalog.set_config('search_path', '', true);
    for thing in
        select pg_catalog.format('drop schema if exists %I cascade', n.nspname) as statement
          from pg_catalog.pg_namespace n
         where n.nspname not in ('public', 'information_schema')
           and n.nspname !~ '^pg_'
           and pg_catalog.pg_has_role(current_user, n.nspowner, 'USAGE')
           and not exists (select from pg_catalog.pg_extension e where e.extnamespace = n.oid)
           and not exists (select from pg_catalog.pg_depend d
                            where d.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
                              and d.objid = n.oid and d.deptype = 'e')
    loop
        execute thing.statement;
    end loop;
    for thing in
        select pg_catalog.format('drop %s if exists %I.%I cascade',
                                 case c.relkind when 'v' then 'view'
                                                when 'm' then 'materialized view'
                                                when 'f' then 'foreign table'
                                                when 'S' then 'sequence'
                                                else 'table' end,
                                 n.nspname, c.relname) as statement
          from pg_catalog.pg_class c
          join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
           and n.nspname <> 'information_schema'
           and n.nspname !~ '^pg_'
           and pg_catalog.pg_has_role(current_user, c.relowner, 'USAGE')
           and not exists (select from pg_catalog.pg_depend d
                            where d.objid = c.oid and d.deptype in ('e', 'i'))
         order by c.relkind = 'S'
    loop
        execute thing.statement;
    end loop;
    for thing in
        select p.oid
          from pg_catalog.pg_proc p
          join pg_catalog.pg_namespace n on n.oid = p.pronamespace
         where n.nspname <> 'information_schema'
           and n.nspname !~ '^pg_'
           and pg_catalog.pg_has_role(current_user, p.proowner, 'USAGE')
           and not exists (select from pg_catalog.pg_depend d
                            where d.objid = p.oid and d.deptype = 'e')
    loop
        -- It may have gone with another one since, and has no name then.
        select pg_catalog.format('drop routine %s cascade', p.oid::pg_catalog.regprocedure)
          into routine
          from pg_catalog.pg_proc p
         where p.oid = thing.oid;
        if found then
            execute routine;
        end if;
    end loop;
    for thing in
        select pg_catalog.format('drop type if exists %I.%I cascade', n.nspname, t.typname)
                   as statement
          from pg_catalog.pg_type t
          join pg_catalog.pg_namespace n on n.oid = t.typnamespace
          left join pg_catalog.pg_class c on c.oid = t.typrelid
         where (t.typtype in ('e', 'd', 'r') or c.relkind = 'c')
           and n.nspname <> 'information_schema'
           and n.nspname !~ '^pg_'
           and pg_catalog.pg_has_role(current_user, t.typowner, 'USAGE')
           and not exists (select from pg_catalog.pg_depend d
                            where d.objid = t.oid and d.deptype = 'e')
    loop
        execute thing.statement;
    end loop;
    perform pg_catalog.set_config('search_path', path_before, true);
end
$emptying$;
