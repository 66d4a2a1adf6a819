-- Before the commit of a load, with the line in crudctl.marker that the comment had before: a file
-- may have set the comment by code that nobody read. A line of ours that is there stays.
do language plpgsql $crudctl$
declare
    kept pg_catalog.text := pg_catalog.current_setting('crudctl.marker', true);
    said pg_catalog.text := (select pg_catalog.shobj_description(d.oid, 'pg_database')
                    from pg_catalog.pg_database d
                   where d.datname operator(pg_catalog.=) pg_catalog.current_database());
begin
    if pg_catalog.regexp_match(said, '(^|\n)crudctl:') is null then
        execute pg_catalog.format('comment on database %I is %L', pg_catalog.current_database(),
            pg_catalog.concat_ws(pg_catalog.chr(10), said, kept));
    end if;
end
$crudctl$
