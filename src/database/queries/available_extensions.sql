-- The same as they would be created now, of those that are named in such a text.
-- $1 the text
select coalesce(pg_catalog.string_agg(' ' || e.name || '=' || e.default_version, ''
                                      order by e.name), '')
  from pg_catalog.pg_available_extensions e
 where e.name = any (pg_catalog.string_to_array(
           pg_catalog.regexp_replace(pg_catalog.ltrim($1), '=[^ ]*', '', 'g'), ' ')::name[])
