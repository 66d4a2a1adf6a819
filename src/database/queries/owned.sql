-- What emptying.sql would drop that people know by name, a row each: what this role owns, what is in
-- its schemas, and what of other roles uses any of that.
with ours as (
    select n.oid
      from pg_catalog.pg_namespace n
     where n.nspname not in ('public', 'information_schema')
       and n.nspname !~ '^pg_'
       and pg_catalog.pg_has_role(current_user, n.nspowner, 'USAGE')
       and not exists (select from pg_catalog.pg_depend d
                        where d.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
                          and d.objid = n.oid and d.deptype = 'e')
       -- Of an extension that stays.
       and not exists (select from pg_catalog.pg_extension e
                        where e.extnamespace = n.oid
                          and (e.extname in ('citus', 'citus_columnar', 'timescaledb')
                               or not pg_catalog.pg_has_role(current_user, e.extowner, 'USAGE')))
), object as (
    select 'extension' as kind, 'pg_catalog.pg_extension'::pg_catalog.regclass as class, e.oid,
           e.extname as name, e.extowner as owner, 0::pg_catalog.oid as namespace
      from pg_catalog.pg_extension e
     where e.extname not in ('plpgsql', 'citus', 'citus_columnar', 'timescaledb')
    union all
    select case c.relkind when 'v' then 'view'
                          when 'm' then 'materialized view'
                          when 'f' then 'foreign table'
                          when 'S' then 'sequence'
                          else 'table' end,
           'pg_catalog.pg_class'::pg_catalog.regclass, c.oid, c.relname, c.relowner, c.relnamespace
      from pg_catalog.pg_class c
     where c.relkind in ('r', 'p', 'v', 'm', 'f')
        or (c.relkind = 'S'
            and not exists (select from pg_catalog.pg_depend d
                             where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                               and d.objid = c.oid and d.deptype = 'a'))
    union all
    select 'routine', 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid, p.proname, p.proowner,
           p.pronamespace
      from pg_catalog.pg_proc p
    union all
    select 'type', 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, t.typname, t.typowner,
           t.typnamespace
      from pg_catalog.pg_type t
      left join pg_catalog.pg_class c on c.oid = t.typrelid
     where t.typtype in ('e', 'd', 'r') or c.relkind = 'c'
    union all
    select 'collation', 'pg_catalog.pg_collation'::pg_catalog.regclass, c.oid, c.collname,
           c.collowner, c.collnamespace
      from pg_catalog.pg_collation c
    union all
    select 'text search configuration', 'pg_catalog.pg_ts_config'::pg_catalog.regclass, c.oid,
           c.cfgname, c.cfgowner, c.cfgnamespace
      from pg_catalog.pg_ts_config c
    union all
    select 'text search dictionary', 'pg_catalog.pg_ts_dict'::pg_catalog.regclass, c.oid,
           c.dictname, c.dictowner, c.dictnamespace
      from pg_catalog.pg_ts_dict c
    union all
    select 'publication', 'pg_catalog.pg_publication'::pg_catalog.regclass, p.oid, p.pubname,
           p.pubowner, 0
      from pg_catalog.pg_publication p
    union all
    select 'server', 'pg_catalog.pg_foreign_server'::pg_catalog.regclass, s.oid, s.srvname,
           s.srvowner, 0
      from pg_catalog.pg_foreign_server s
    union all
    select 'event trigger', 'pg_catalog.pg_event_trigger'::pg_catalog.regclass, e.oid, e.evtname,
           e.evtowner, 0
      from pg_catalog.pg_event_trigger e
), dropped as (
    select o.*
      from object o
      left join pg_catalog.pg_namespace n on n.oid = o.namespace
     where (n.oid is null or (n.nspname <> 'information_schema' and n.nspname !~ '^pg_'))
       and (pg_catalog.pg_has_role(current_user, o.owner, 'USAGE')
            or o.namespace in (select oid from ours))
       and not exists (select from pg_catalog.pg_depend d
                        where d.classid = o.class and d.objid = o.oid and d.deptype in ('e', 'i')
                          and d.refobjid <> d.objid)
), used as (
    select class, oid from dropped
    union
    select m.classid, m.objid
      from dropped x
      join pg_catalog.pg_depend m
        on m.refclassid = x.class and m.refobjid = x.oid and m.deptype = 'e'
     where x.class = 'pg_catalog.pg_extension'::pg_catalog.regclass
    union
    select 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid
      from pg_catalog.pg_type t
      left join pg_catalog.pg_type e on e.oid = t.typelem and e.typarray = t.oid
     where coalesce(nullif(t.typrelid, 0), nullif(e.typrelid, 0)) in (select oid from dropped)
        or e.oid in (select oid from dropped)
    union
    select 'pg_catalog.pg_type'::pg_catalog.regclass, t.typarray
      from dropped x
      join pg_catalog.pg_depend m
        on m.refclassid = x.class and m.refobjid = x.oid and m.deptype = 'e'
       and m.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
      join pg_catalog.pg_type t on t.oid = m.objid
     where x.class = 'pg_catalog.pg_extension'::pg_catalog.regclass and t.typarray <> 0
)
select o.kind, coalesce(n.nspname, '') as schema, o.name,
       case when not pg_catalog.pg_has_role(current_user, o.owner, 'USAGE')
            then pg_catalog.pg_get_userbyid(o.owner) end as owner
  from dropped o
  left join pg_catalog.pg_namespace n on n.oid = o.namespace
union
-- What goes with it: other roles' views, functions and columns.
select 'dependent', '',
       pg_catalog.pg_describe_object(coalesce(v.class, d.classid), coalesce(v.oid, d.objid),
                                     case when v.oid is null then d.objsubid else 0 end), null
  from used u
  join pg_catalog.pg_depend d
    on d.refclassid = u.class and d.refobjid = u.oid and d.deptype in ('n', 'a')
  left join lateral (
       select 'pg_catalog.pg_class'::pg_catalog.regclass as class, w.ev_class as oid
         from pg_catalog.pg_rewrite w
        where d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and w.oid = d.objid) v on true
 where coalesce(v.class, d.classid) in ('pg_catalog.pg_class'::pg_catalog.regclass,
                                        'pg_catalog.pg_proc'::pg_catalog.regclass,
                                        'pg_catalog.pg_type'::pg_catalog.regclass)
   and coalesce(v.oid, d.objid) not in (select oid from used)
   and not exists (select from pg_catalog.pg_depend i
                    where i.classid = coalesce(v.class, d.classid)
                      and i.objid = coalesce(v.oid, d.objid)
                      and i.deptype in ('e', 'i', 'a', 'P')
                      and i.refobjid <> i.objid)
union
select 'large objects', '', pg_catalog.count(*)::text, null
  from pg_catalog.pg_largeobject_metadata m
 where pg_catalog.pg_has_role(current_user, m.lomowner, 'USAGE')
having pg_catalog.count(*) > 0
 order by 2, 1, 3
