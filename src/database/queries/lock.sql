-- Tries to take the lock of everybody who replaces a database, and reads what must be known of it
-- from then on: which it is now, and what a new one in its place must be created with. One row.
-- $1 the lock's name, $2 the database's, $3 the name of whose attributes count
select pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended($1, 0)) as is_ours,
       d.oid,
       pg_catalog.shobj_description(d.oid, 'pg_database') as comment,
       (select pg_catalog.shobj_description(s.oid, 'pg_database')
          from pg_catalog.pg_database s where s.datname = $3) as comment_for_next,
       (select pg_catalog.pg_get_userbyid(s.datdba)
          from pg_catalog.pg_database s where s.datname = $3) as owner_for_next,
       (select s.oid from pg_catalog.pg_database s where s.datname = $3) as oid_for_next,
       (select pg_catalog.format(' encoding %L lc_collate %L lc_ctype %L',
                                 pg_catalog.pg_encoding_to_char(s.encoding),
                                 s.datcollate, s.datctype)
               -- To name the usual one takes a right on it that few have.
               || case when t.spcname <> 'pg_default'
                       then pg_catalog.format(' tablespace %I', t.spcname) else '' end
               -- The names of these columns changed from version to version. Quoted, null stays
               -- null: format() would write it out.
               || case pg_catalog.to_jsonb(s) ->> 'datlocprovider'
                  when 'i' then ' locale_provider icu' || coalesce(
                       ' icu_locale ' || pg_catalog.quote_literal(
                           coalesce(pg_catalog.to_jsonb(s) ->> 'datlocale',
                                    pg_catalog.to_jsonb(s) ->> 'daticulocale')), '')
                       || coalesce(' icu_rules ' || pg_catalog.quote_literal(
                              pg_catalog.to_jsonb(s) ->> 'daticurules'), '')
                  when 'b' then pg_catalog.format(
                       ' locale_provider builtin builtin_locale %L',
                       pg_catalog.to_jsonb(s) ->> 'datlocale')
                  when 'c' then ' locale_provider libc'
                  else '' end
          from pg_catalog.pg_database s
          join pg_catalog.pg_tablespace t on t.oid = s.dattablespace
         where s.datname = $3) as creation
  from (select 1) one
  left join pg_catalog.pg_database d on d.datname = $2
