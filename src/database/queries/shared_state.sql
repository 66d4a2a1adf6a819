-- What the catalogs that all databases share say of one of them, as a digest; none where it is gone.
-- $1 its OID
select pg_catalog.md5(pg_catalog.concat_ws(E'\n', d.datname, d.datdba, d.datacl, d.datconnlimit,
           d.datallowconn, d.datistemplate,
           pg_catalog.shobj_description(d.oid, 'pg_database'),
           (select pg_catalog.string_agg(pg_catalog.concat_ws(' ', s.setrole, s.setconfig), E'\n'
                                         order by s.setrole)
              from pg_catalog.pg_db_role_setting s
             where s.setdatabase = d.oid),
           (select pg_catalog.string_agg(l.provider || ' ' || l.label, E'\n' order by l.provider)
              from pg_catalog.pg_shseclabel l
             where l.classoid = 'pg_catalog.pg_database'::regclass and l.objoid = d.oid))) as digest
  from pg_catalog.pg_database d
 where d.oid = $1::pg_catalog.oid
