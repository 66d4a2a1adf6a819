-- Which database this session is in, and what was written on it. One row.
select d.oid,
       pg_catalog.shobj_description(d.oid, 'pg_database') as comment
  from pg_catalog.pg_database d
 where d.datname = pg_catalog.current_database()
