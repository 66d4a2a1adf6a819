-- Goes before a file's COMMENT ON DATABASE of the database it is loaded into: keeps crudctl's lines
-- of the comment for comment_after.sql, which goes behind it, in the same transaction.
do language plpgsql $crudctl$
begin
    perform pg_catalog.set_config('crudctl.marker', coalesce(
        (select pg_catalog.string_agg(l.line, pg_catalog.chr(10) order by l.number)
           from pg_catalog.pg_database d,
                pg_catalog.unnest(pg_catalog.string_to_array(
                    pg_catalog.shobj_description(d.oid, 'pg_database'), pg_catalog.chr(10)))
                    with ordinality as l (line, number)
          where d.datname operator(pg_catalog.=) pg_catalog.current_database()
            and pg_catalog.starts_with(l.line, 'crudctl:')), ''), true);
end
$crudctl$
