-- Databases of the server by their names, and what is said about them.
-- $1 the names, as a JSON array
select d.datname as name,
       d.oid::pg_catalog.text as oid,
       coalesce(pg_catalog.shobj_description(d.oid, 'pg_database'), '') as comment
  from pg_catalog.pg_database d
  join pg_catalog.json_array_elements_text($1::pg_catalog.json) as n (name)
    on d.datname operator(pg_catalog.=) n.name::pg_catalog.name
 order by d.datname
