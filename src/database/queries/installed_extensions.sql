-- The extensions of the database at hand with their versions, as one text.
select coalesce(pg_catalog.string_agg(' ' || e.extname || '=' || e.extversion, ''
                                      order by e.extname), '')
  from pg_catalog.pg_extension e
 where e.extname <> 'plpgsql'
