-- Puts back what comment_before.sql kept. Without such a line the comment stays as the file said it;
-- a line that the file's comment brings from elsewhere, as a dump's does, gives way to ours.
do language plpgsql $crudctl$
declare
    kept text := pg_catalog.current_setting('crudctl.marker', true);
    said text := (select pg_catalog.string_agg(l.line, pg_catalog.chr(10) order by l.number)
                    from pg_catalog.pg_database d,
                         pg_catalog.unnest(pg_catalog.string_to_array(
                             pg_catalog.shobj_description(d.oid, 'pg_database'),
                             pg_catalog.chr(10))) with ordinality as l (line, number)
                   where d.datname operator(pg_catalog.=) pg_catalog.current_database()
                     and not pg_catalog.starts_with(l.line, 'crudctl:'));
begin
    if pg_catalog.length(kept) operator(pg_catalog.>) 0 then
        execute pg_catalog.format('comment on database %I is %L', pg_catalog.current_database(),
            pg_catalog.concat_ws(pg_catalog.chr(10), said, kept));
    end if;
end
$crudctl$
