-- Where we are: what the server says of itself, of us and of one database.
-- $1 the database's name
select version() as version,
       pg_catalog.pg_is_in_recovery() as is_standby,
       pg_catalog.current_setting('default_transaction_read_only')::boolean as is_read_only,
       pg_catalog.pg_backend_pid() as backend_pid,
       current_user as role,
       coalesce((select pg_catalog.string_agg(r.rolname, ', ' order by r.rolname)
                   from pg_catalog.pg_roles r
                  where r.rolname in ('rds_superuser', 'cloudsqlsuperuser', 'azure_pg_admin',
                                      'neon_superuser', 'supabase_admin', 'alloydbsuperuser',
                                      'doadmin', 'aiven_superuser')), '') as managed_roles,
       d.oid as oid,
       pg_catalog.pg_get_userbyid(d.datdba) as owner,
       coalesce(me.rolsuper or pg_catalog.pg_has_role(current_user, d.datdba, 'USAGE'), false)
           as is_owner,
       (select c.description
          from pg_catalog.pg_shdescription c
         where c.classoid = 'pg_catalog.pg_database'::regclass
           and c.objoid = d.oid) as comment,
       (select system_identifier from pg_catalog.pg_control_system()) as server_identity,
       pg_catalog.to_char(pg_catalog.now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
           as now
  from pg_catalog.pg_roles me
  left join pg_catalog.pg_database d on d.datname = $1
 where me.rolname = current_user
