-- Which of these roles, a JSON array of their names, this server does not have.
select n.name
  from pg_catalog.json_array_elements_text($1::pg_catalog.json) as n (name)
 where not exists (select
                     from pg_catalog.pg_roles r
                    where r.rolname operator(pg_catalog.=) n.name::pg_catalog.name)
 order by n.name
