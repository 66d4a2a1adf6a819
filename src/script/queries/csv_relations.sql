-- What the tables of CSV files have to do with each other: a row for each file whose table is there,
-- in their order.
-- $1 the files: [{"number", "schema", "folded_schema", "table", "folded_table"}], where an empty
--    schema is the search path's; spelling and folding as in csv_table.sql
with recursive file as (
    select f.number, target.oid
      from pg_catalog.jsonb_to_recordset($1::jsonb)
           as f(number int, schema text, folded_schema text, "table" text, folded_table text)
     cross join lateral (
           select t.oid
             from pg_catalog.pg_class t
             join pg_catalog.pg_namespace n on n.oid = t.relnamespace
            where t.relname in (f."table", f.folded_table)
              and t.relkind in ('r', 'p', 'f', 'v', 'm')
              and case when f.schema = ''
                       then n.nspname = any (pg_catalog.current_setting('crudctl.schemas')::name[])
                       else n.nspname in (f.schema, f.folded_schema) end
            order by case when f.schema = '' then t.relname <> f."table"
                          else n.nspname <> f.schema end,
                     pg_catalog.array_position(
                         pg_catalog.current_setting('crudctl.schemas')::name[], n.nspname),
                     t.relname <> f."table"
            limit 1) target
), link as (
    select conrelid as one, confrelid as other
      from pg_catalog.pg_constraint where contype = 'f'
    union all
    select inhrelid, inhparent from pg_catalog.pg_inherits
    union all
    -- Who draws numbers from one sequence gets them in the order of the files.
    select a.adrelid, d.refobjid
      from pg_catalog.pg_depend d
      join pg_catalog.pg_attrdef a on a.oid = d.objid
     where d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
       and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    union all
    select d.objid, d.refobjid
      from pg_catalog.pg_depend d
      join pg_catalog.pg_class s on s.oid = d.objid and s.relkind = 'S'
     where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
       and d.refclassid = d.classid
), both_ways as (
    select one, other from link
    union all
    select other, one from link
), reached (number, oid) as (
    select number, oid from file
    union
    select r.number, b.other from reached r join both_ways b on b.one = r.oid
)
select r.number,
       min(r.oid) as component, -- the same number for tables that are related
       pg_catalog.bool_or(
           -- A trigger, a rule, or a function of somebody's own may look at any table.
           exists (select from pg_catalog.pg_trigger g
                    where g.tgrelid = r.oid and not g.tgisinternal and g.tgenabled <> 'D')
        or exists (select from pg_catalog.pg_rewrite w
                    where w.ev_class = r.oid and w.ev_type <> '1')
        or exists (select from pg_catalog.pg_depend d
                     left join pg_catalog.pg_attrdef a
                       on d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
                      and a.oid = d.objid
                     left join pg_catalog.pg_constraint c
                       on d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
                      and c.oid = d.objid
                    where r.oid in (a.adrelid, c.conrelid)
                      and d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                      and not exists (select from pg_catalog.pg_depend e
                                       where e.classid = d.refclassid and e.objid = d.refobjid
                                         and e.deptype = 'e'))
        or exists (select from pg_catalog.pg_class t where t.oid = r.oid and t.relkind = 'f')
        or exists (select from pg_catalog.pg_event_trigger v
                    where v.evtevent = 'login' and v.evtenabled <> 'D')) as is_entangled
  from reached r
 group by r.number
 order by r.number
