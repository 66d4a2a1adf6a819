-- The other databases that crudctl's comment says something of and that this role, or one that it
-- may become, could change.
-- $1 the name of its own database
select d.datname as name,
       d.oid::pg_catalog.text as oid,
       pg_catalog.shobj_description(d.oid, 'pg_database') as comment
  from pg_catalog.pg_database d
 where d.datname operator(pg_catalog.<>) $1::pg_catalog.name
   and pg_catalog.strpos(pg_catalog.shobj_description(d.oid, 'pg_database'), 'crudctl:')
       operator(pg_catalog.>) 0
   and pg_catalog.pg_has_role(d.datdba, 'MEMBER')
 order by d.datname
