-- Other databases of the server that the open transaction has changed something of, beside those
-- whose names are in crudctl.reach, a JSON array; null where there is none. COMMENT, ALTER DATABASE
-- and SECURITY LABEL keep a lock on the database until the end; GRANT and OWNER TO leave a row that
-- only this transaction sees. A lock on a catalog that neither explains comes from deleted rows.
with transaction (id, age) as materialized (
    select pg_catalog.pg_current_xact_id()::text::bigint,
           pg_catalog.age(pg_catalog.pg_current_xact_id()::xid)
),
changed (database, version) as (
    select d.oid, d.xmin from pg_catalog.pg_database d
    union all
    select s.setdatabase, s.xmin from pg_catalog.pg_db_role_setting s where s.setdatabase <> 0
    union all
    select c.objoid, c.xmin
      from pg_catalog.pg_shdescription c
     where c.classoid = 'pg_catalog.pg_database'::regclass
    union all
    select l.objoid, l.xmin
      from pg_catalog.pg_shseclabel l
     where l.classoid = 'pg_catalog.pg_database'::regclass
),
-- What others have committed since is not in progress, and what they have not is not seen.
reached (database) as (
    select changed.database
      from changed, transaction t
     where pg_catalog.age(changed.version) <= t.age
       and pg_catalog.pg_xact_status(
               (t.id + t.age - pg_catalog.age(changed.version))::text::pg_catalog.xid8)
           = 'in progress'
    union
    select l.objid
      from pg_catalog.pg_locks l
     where l.pid = pg_catalog.pg_backend_pid()
       and l.locktype = 'object'
       and l.classid = 'pg_catalog.pg_database'::regclass
)
select coalesce(
           (select pg_catalog.string_agg('"' || d.datname || '"', ', ' order by d.datname)
              from reached
              join pg_catalog.pg_database d on d.oid = reached.database
             where d.datname <> pg_catalog.current_database()
               and not pg_catalog.current_setting('crudctl.reach', true)::jsonb ? d.datname::text),
           (select 'a catalog that all databases share'
              from pg_catalog.pg_locks l
             where l.pid = pg_catalog.pg_backend_pid()
               and l.locktype = 'relation'
               and l.mode = 'RowExclusiveLock'
               and l.relation in ('pg_catalog.pg_database'::regclass,
                                  'pg_catalog.pg_db_role_setting'::regclass,
                                  'pg_catalog.pg_shdescription'::regclass,
                                  'pg_catalog.pg_shseclabel'::regclass)
               and not exists (select from reached)
               and not exists (
                       select
                         from pg_catalog.pg_locks o
                        where o.pid = pg_catalog.pg_backend_pid()
                          and o.locktype = 'object'
                          and o.classid in ('pg_catalog.pg_authid'::regclass,
                                            'pg_catalog.pg_tablespace'::regclass))
             limit 1)) as reached
