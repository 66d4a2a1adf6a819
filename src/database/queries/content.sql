-- What the database at hand grants and is made of, to be compared with another one. One row each:
-- kind 'grant' and 'part' with a text for people, 'object' for what grants can be about.
with objects as (
    select c.oid, 'pg_catalog.pg_class'::regclass as class, n.nspname, c.relowner as owner,
           case when c.relkind = 'S' then 'sequence' else 'table' end as kind,
           pg_catalog.format('%I.%I', n.nspname, c.relname) as name,
           coalesce(c.relacl, pg_catalog.acldefault(
               case when c.relkind = 'S' then 's' else 'r' end::"char", c.relowner)) as acl
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    union all
    select p.oid, 'pg_catalog.pg_proc'::regclass, n.nspname, p.proowner, 'function',
           pg_catalog.format('%I.%I(%s)', n.nspname, p.proname,
                             pg_catalog.pg_get_function_identity_arguments(p.oid)),
           coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))
      from pg_catalog.pg_proc p
      join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    union all
    select n.oid, 'pg_catalog.pg_namespace'::regclass, n.nspname, n.nspowner, 'schema',
           pg_catalog.quote_ident(n.nspname),
           coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))
      from pg_catalog.pg_namespace n
), ours as (
    select o.*
      from objects o
     where o.nspname <> 'information_schema'
       and o.nspname !~ '^pg_'
)
select 'object' as kind, o.kind || ' ' || o.name as object, '' as text
  from ours o
union all
select 'grant', o.kind || ' ' || o.name,
       pg_catalog.format('%s may %s on %s %s',
                         case when g.grantee = 0 then 'everybody'
                              else 'role ' || pg_catalog.pg_get_userbyid(g.grantee) end,
                         g.privilege_type, o.kind, o.name)
  from ours o, lateral pg_catalog.aclexplode(o.acl) g
 where g.grantee <> o.owner
union all
select 'grant', 'table ' || o.name,
       pg_catalog.format('%s may %s on column %I of table %s',
                         case when g.grantee = 0 then 'everybody'
                              else 'role ' || pg_catalog.pg_get_userbyid(g.grantee) end,
                         g.privilege_type, a.attname, o.name)
  from ours o
  join pg_catalog.pg_attribute a on a.attrelid = o.oid and not a.attisdropped,
       lateral pg_catalog.aclexplode(a.attacl) g
 where o.class = 'pg_catalog.pg_class'::regclass
union all
select 'part', '', pg_catalog.format('default privileges of role %s%s: %s',
                                     pg_catalog.pg_get_userbyid(d.defaclrole),
                                     ' in schema ' || n.nspname, d.defaclacl)
  from pg_catalog.pg_default_acl d
  left join pg_catalog.pg_namespace n on n.oid = d.defaclnamespace
union all
select 'part', '', 'extension ' || e.extname
  from pg_catalog.pg_extension e
union all
select 'part', '', 'publication ' || p.pubname
  from pg_catalog.pg_publication p
union all
select 'part', '', 'row security on table ' || o.name
  from ours o
  join pg_catalog.pg_class c on c.oid = o.oid and c.relrowsecurity
 where o.class = 'pg_catalog.pg_class'::regclass
