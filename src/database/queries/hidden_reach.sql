-- Fails with "invalid escape string" where the open transaction has changed something of another
-- database of the server than those whose OIDs are in crudctl.reach, an array.
-- COMMENT, ALTER DATABASE and SECURITY LABEL keep a lock on the database until the end; GRANT and
-- OWNER TO leave a row that only this transaction sees. Rows of comments that were deleted leave a
-- lock on their catalog that no database, role or tablespace explains. All names are qualified: the
-- files' search_path holds.
with transaction (id, age) as materialized (
    select pg_catalog.pg_current_xact_id()::pg_catalog.text::pg_catalog.int8,
           pg_catalog.age(pg_catalog.pg_current_xact_id()::pg_catalog.xid)
),
changed (database, version) as (
    select d.oid, d.xmin from pg_catalog.pg_database d
    union all
    select s.setdatabase, s.xmin
      from pg_catalog.pg_db_role_setting s
     where s.setdatabase operator(pg_catalog.<>) 0::pg_catalog.oid
    union all
    select c.objoid, c.xmin
      from pg_catalog.pg_shdescription c
     where c.classoid operator(pg_catalog.=) 'pg_catalog.pg_database'::pg_catalog.regclass
    union all
    select l.objoid, l.xmin
      from pg_catalog.pg_shseclabel l
     where l.classoid operator(pg_catalog.=) 'pg_catalog.pg_database'::pg_catalog.regclass
),
own_locks (type, relation, class, object, mode) as (
    select l.locktype, l.relation, l.classid, l.objid, l.mode
      from pg_catalog.pg_locks l
     where l.pid operator(pg_catalog.=) pg_catalog.pg_backend_pid()
),
-- What others have committed since is not in progress, and what they have not is not seen.
reached (database) as (
    select changed.database
      from changed
     cross join transaction t
     where pg_catalog.age(changed.version) operator(pg_catalog.<=) t.age
       and pg_catalog.pg_xact_status(
               (t.id operator(pg_catalog.+) t.age operator(pg_catalog.-)
                pg_catalog.age(changed.version))::pg_catalog.text::pg_catalog.xid8)
           operator(pg_catalog.=) 'in progress'
    union
    select l.object
      from own_locks l
     where l.type operator(pg_catalog.=) 'object'
       and l.class operator(pg_catalog.=) 'pg_catalog.pg_database'::pg_catalog.regclass
)
select pg_catalog.like_escape('', case
           when exists (
                    select
                      from reached
                      join pg_catalog.pg_database d on d.oid operator(pg_catalog.=) reached.database
                     where d.datname operator(pg_catalog.<>) pg_catalog.current_database()
                       and not d.oid operator(pg_catalog.=) any (
                               pg_catalog.current_setting('crudctl.reach', true)
                               ::pg_catalog.oid[]))
                or (exists (
                        select
                          from own_locks l
                         where l.type operator(pg_catalog.=) 'relation'
                           and l.mode operator(pg_catalog.=) 'RowExclusiveLock'
                           and l.relation operator(pg_catalog.=)
                               'pg_catalog.pg_shdescription'::pg_catalog.regclass)
                    and not exists (
                        select
                          from own_locks l
                         where l.type operator(pg_catalog.=) 'object'
                           and l.class operator(pg_catalog.=) any (array[
                                   'pg_catalog.pg_database'::pg_catalog.regclass,
                                   'pg_catalog.pg_authid'::pg_catalog.regclass,
                                   'pg_catalog.pg_tablespace'::pg_catalog.regclass]
                                   ::pg_catalog.oid[])))
           then 'it did'
           else '' end)
