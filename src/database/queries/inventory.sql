-- Everything that somebody made in the database at hand, a row each, as the server identifies it,
-- with the relation that it is a part of. What belongs to an extension is left out. Large objects are
-- numbered, since their OIDs are the server's choice.
with relation as (
    select c.oid, c.relkind, c.relnamespace as namespace, coalesce(x.indrelid, c.oid) as whole
      from pg_catalog.pg_class c
      left join pg_catalog.pg_index x on x.indexrelid = c.oid
     where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S', 'i', 'I')
), object as (
    select 'pg_catalog.pg_class'::pg_catalog.regclass as class, r.oid, 0 as part,
           r.namespace, 'pg_catalog.pg_class'::pg_catalog.regclass as of_class, r.whole as of_oid
      from relation r
    union all
    select 'pg_catalog.pg_class'::pg_catalog.regclass, r.oid, a.attnum, r.namespace,
           'pg_catalog.pg_class'::pg_catalog.regclass, r.oid
      from relation r
      join pg_catalog.pg_attribute a on a.attrelid = r.oid
     where r.relkind in ('r', 'p', 'f')
       and a.attnum > 0
       and not a.attisdropped
    union all
    select 'pg_catalog.pg_constraint'::pg_catalog.regclass, c.oid, 0, r.namespace,
           'pg_catalog.pg_class'::pg_catalog.regclass, r.oid
      from relation r
      join pg_catalog.pg_constraint c on c.conrelid = r.oid
    union all
    select 'pg_catalog.pg_constraint'::pg_catalog.regclass, c.oid, 0, t.typnamespace,
           'pg_catalog.pg_type'::pg_catalog.regclass, t.oid
      from pg_catalog.pg_type t
      join pg_catalog.pg_constraint c on c.contypid = t.oid
    union all
    select 'pg_catalog.pg_publication_rel'::pg_catalog.regclass, p.oid, 0, null,
           'pg_catalog.pg_publication'::pg_catalog.regclass, p.prpubid
      from pg_catalog.pg_publication_rel p
    union all
    select 'pg_catalog.pg_trigger'::pg_catalog.regclass, t.oid, 0, r.namespace,
           'pg_catalog.pg_class'::pg_catalog.regclass, r.oid
      from relation r
      join pg_catalog.pg_trigger t on t.tgrelid = r.oid
     where not t.tgisinternal
    union all
    select 'pg_catalog.pg_policy'::pg_catalog.regclass, p.oid, 0, r.namespace,
           'pg_catalog.pg_class'::pg_catalog.regclass, r.oid
      from relation r
      join pg_catalog.pg_policy p on p.polrelid = r.oid
    union all
    select 'pg_catalog.pg_rewrite'::pg_catalog.regclass, w.oid, 0, r.namespace,
           'pg_catalog.pg_class'::pg_catalog.regclass, r.oid
      from relation r
      join pg_catalog.pg_rewrite w on w.ev_class = r.oid
     where w.rulename <> '_RETURN'
    union all
    select o.class, o.oid, 0, o.namespace, o.class, o.oid
      from (select 'pg_catalog.pg_proc'::pg_catalog.regclass as class, oid, pronamespace as namespace
              from pg_catalog.pg_proc
            union all
            select 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, t.typnamespace
              from pg_catalog.pg_type t
              left join pg_catalog.pg_class c on c.oid = t.typrelid
             where t.typtype in ('b', 'e', 'd', 'r') and t.typelem = 0 or c.relkind = 'c'
            union all
            select 'pg_catalog.pg_operator'::pg_catalog.regclass, oid, oprnamespace
              from pg_catalog.pg_operator
            union all
            select 'pg_catalog.pg_opclass'::pg_catalog.regclass, oid, opcnamespace
              from pg_catalog.pg_opclass
            union all
            select 'pg_catalog.pg_opfamily'::pg_catalog.regclass, oid, opfnamespace
              from pg_catalog.pg_opfamily
            union all
            select 'pg_catalog.pg_collation'::pg_catalog.regclass, oid, collnamespace
              from pg_catalog.pg_collation
            union all
            select 'pg_catalog.pg_conversion'::pg_catalog.regclass, oid, connamespace
              from pg_catalog.pg_conversion
            union all
            select 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass, oid, stxnamespace
              from pg_catalog.pg_statistic_ext
            union all
            select 'pg_catalog.pg_ts_config'::pg_catalog.regclass, oid, cfgnamespace
              from pg_catalog.pg_ts_config
            union all
            select 'pg_catalog.pg_ts_dict'::pg_catalog.regclass, oid, dictnamespace
              from pg_catalog.pg_ts_dict
            union all
            select 'pg_catalog.pg_ts_parser'::pg_catalog.regclass, oid, prsnamespace
              from pg_catalog.pg_ts_parser
            union all
            select 'pg_catalog.pg_ts_template'::pg_catalog.regclass, oid, tmplnamespace
              from pg_catalog.pg_ts_template
            union all
            select 'pg_catalog.pg_namespace'::pg_catalog.regclass, oid, oid
              from pg_catalog.pg_namespace
            union all
            select 'pg_catalog.pg_extension'::pg_catalog.regclass, oid, null
              from pg_catalog.pg_extension
            union all
            select 'pg_catalog.pg_cast'::pg_catalog.regclass, oid, null
              from pg_catalog.pg_cast
            union all
            select 'pg_catalog.pg_language'::pg_catalog.regclass, oid, null
              from pg_catalog.pg_language
            union all
            select 'pg_catalog.pg_am'::pg_catalog.regclass, oid, null
              from pg_catalog.pg_am
            union all
            select 'pg_catalog.pg_publication'::pg_catalog.regclass, oid, null
              from pg_catalog.pg_publication
            union all
            select 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass, oid, null
              from pg_catalog.pg_foreign_data_wrapper
            union all
            select 'pg_catalog.pg_foreign_server'::pg_catalog.regclass, oid, null
              from pg_catalog.pg_foreign_server
            union all
            select 'pg_catalog.pg_user_mapping'::pg_catalog.regclass, m.oid, null
              from pg_catalog.pg_user_mappings v
              join pg_catalog.pg_foreign_server s on s.oid = v.srvid
              cross join lateral (select v.umid as oid) m
            union all
            select 'pg_catalog.pg_event_trigger'::pg_catalog.regclass, oid, null
              from pg_catalog.pg_event_trigger) o
     where o.oid >= 16384
)
select i.type || ' ' || i.identity as thing,
       case when o.part <> 0 or o.oid <> o.of_oid
            then (select w.type || ' ' || w.identity
                    from pg_catalog.pg_identify_object(o.of_class, o.of_oid, 0) w) end as whole
  from object o
  left join pg_catalog.pg_namespace n on n.oid = o.namespace
 cross join lateral pg_catalog.pg_identify_object(o.class, o.oid, o.part) i
 where (n.oid is null or (n.nspname <> 'information_schema' and n.nspname !~ '^pg_'))
   and i.identity is not null
   and not exists (select from pg_catalog.pg_depend d
                    where d.classid = o.of_class and d.objid = o.of_oid and d.deptype = 'e')
union all
-- What is no object by itself.
select pg_catalog.format('label %L of type %s', e.enumlabel, e.enumtypid::pg_catalog.regtype),
       'type ' || e.enumtypid::pg_catalog.regtype
  from pg_catalog.pg_enum e
 where e.enumtypid >= 16384
   and not exists (select from pg_catalog.pg_depend d
                    where d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
                      and d.objid = e.enumtypid and d.deptype = 'e')
union all
select pg_catalog.format('attribute %I of type %s', a.attname, c.reltype::pg_catalog.regtype),
       'type ' || c.reltype::pg_catalog.regtype
  from pg_catalog.pg_class c
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
 where c.relkind = 'c'
   and c.oid >= 16384
   and not exists (select from pg_catalog.pg_depend d
                    where d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
                      and d.objid = c.reltype and d.deptype = 'e')
union all
select pg_catalog.format('inheritance of table %s from %s', i.inhrelid::pg_catalog.regclass,
                         i.inhparent::pg_catalog.regclass),
       'table ' || i.inhrelid::pg_catalog.regclass
  from pg_catalog.pg_inherits i
  join pg_catalog.pg_class c on c.oid = i.inhrelid and c.relkind in ('r', 'p', 'f')
union all
select 'large object ' || pg_catalog.row_number() over (partition by m.lomowner order by m.oid)
           || ' of role ' || pg_catalog.pg_get_userbyid(m.lomowner),
       null
  from pg_catalog.pg_largeobject_metadata m
