-- A digest of the rows of the user's tables by where and when each was written: another one once a
-- row is put in, changed or deleted. The tables are read through, by a query for each.
select pg_catalog.md5(pg_catalog.string_agg(
           c.oid || ' ' || pg_catalog.substring(
               pg_catalog.query_to_xml(
                   pg_catalog.format(
                       'select pg_catalog.concat(pg_catalog.count(*), '' '', pg_catalog.sum('
                       'pg_catalog.hashtextextended(x.ctid::pg_catalog.text || '
                       'x.xmin::pg_catalog.text, 0))) as found from %I.%I x', n.nspname, c.relname),
                   false, true, '')::text, '<found>(.*)</found>'), '|' order by c.oid))
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'r'
   and c.oid >= 16384
   and n.nspname !~ '^pg_'
   and not c.relforcerowsecurity
   and pg_catalog.has_table_privilege(c.oid, 'SELECT')
