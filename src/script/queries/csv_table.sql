-- What a CSV file's load has to know of its table: a row for each column, none where there is no
-- such table. The spelling of the file's name goes before the folded one. Without a schema the table
-- is looked for in those of the setting crudctl.schemas.
-- Literals in the place of these names, since it travels with what begins a transaction:
--   schema, folded_schema: as spelt and as folded, or empty for the search path
--   table, folded_table: as spelt and as folded
--   constraint: whose columns are the key, or empty for the primary key
--   looks_for_rows: whether to see if there are any
with target as (
    select t.oid, t.relname, t.relkind, n.nspname, n.oid as schema_oid
      from pg_catalog.pg_class t
      join pg_catalog.pg_namespace n on n.oid = t.relnamespace
     where t.relname in (:table::text, :folded_table::text)
       and t.relkind in ('r', 'p', 'f', 'v', 'm')
       and case when :schema::text = ''
                then n.nspname = any (pg_catalog.current_setting('crudctl.schemas')::name[])
                else n.nspname in (:schema, :folded_schema::text) end
     order by case when :schema::text = '' then t.relname <> :table else n.nspname <> :schema end,
              pg_catalog.array_position(pg_catalog.current_setting('crudctl.schemas')::name[],
                                        n.nspname),
              t.relname <> :table
     limit 1
), key as (
    select k.conname, k.conkey, k.condeferrable
      from pg_catalog.pg_constraint k, target
     where k.conrelid = target.oid
       and case when :constraint::text = '' then k.contype = 'p'
                else k.contype in ('p', 'u') and k.conname = :constraint end
)
select pg_catalog.format('%I.%I', target.nspname, target.relname) as quoted,
       target.relname as relation,
       target.relkind as kind,
       current_user as role,
       pg_catalog.has_schema_privilege(target.schema_oid, 'USAGE') as may_enter,
       pg_catalog.row_security_active(target.oid) as has_row_security,
       (select min(r.rulename) from pg_catalog.pg_rewrite r
         where r.ev_class = target.oid and r.ev_enabled <> 'D' and r.ev_type = '3') as insert_rule,
       (select min(r.rulename) from pg_catalog.pg_rewrite r
         where r.ev_class = target.oid and r.ev_enabled <> 'D' and r.ev_type = '2') as update_rule,
       -- The one function that runs a query made here, and needs no extension: so the table, whose
       -- name is known only now, costs no round trip of its own.
       case when :looks_for_rows::boolean and target.relkind in ('r', 'p', 'f')
                 and pg_catalog.has_schema_privilege(target.schema_oid, 'USAGE')
                 and pg_catalog.has_any_column_privilege(target.oid, 'SELECT')
            then exists (select from pg_catalog.ts_stat(pg_catalog.format(
                'select ''row''::pg_catalog.tsvector from %I.%I limit 1',
                target.nspname, target.relname))) end as has_rows,
       key.conname as constraint_name,
       key.condeferrable as is_deferrable,
       (select pg_catalog.string_agg(pg_catalog.quote_ident(k.conname), ', ' order by k.conname)
          from pg_catalog.pg_constraint k
         where k.conrelid = target.oid and k.contype in ('p', 'u')) as constraints,
       a.attname as name,
       pg_catalog.quote_ident(a.attname) as quoted_name,
       a.attnum = any (key.conkey) as is_key,
       a.attgenerated <> '' as is_generated,
       a.attidentity = 'a' as is_identity_always,
       pg_catalog.has_column_privilege(target.oid, a.attnum, 'INSERT') as may_insert,
       pg_catalog.has_column_privilege(target.oid, a.attnum, 'UPDATE') as may_update,
       pg_catalog.has_column_privilege(target.oid, a.attnum, 'SELECT') as may_select,
       sequence.quoted as sequence,
       sequence.may_move
  from target
  left join pg_catalog.pg_attribute a
    on a.attrelid = target.oid and a.attnum > 0 and not a.attisdropped
  left join pg_catalog.pg_type y on y.oid = a.atttypid
  left join key on true
  left join lateral (
      select pg_catalog.format('%I.%I', n.nspname, s.relname) as quoted,
             pg_catalog.has_sequence_privilege(s.oid, 'UPDATE')
                 and pg_catalog.has_sequence_privilege(s.oid, 'SELECT') as may_move
        from pg_catalog.pg_depend d
        join pg_catalog.pg_class s on s.oid = d.objid and s.relkind = 'S'
        join pg_catalog.pg_namespace n on n.oid = s.relnamespace
       where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
         and d.refclassid = d.classid
         and d.refobjid = target.oid
         and d.refobjsubid = a.attnum
         and d.deptype in ('a', 'i')
         and y.typcategory = 'N'
       limit 1) sequence on true
 order by a.attnum;
