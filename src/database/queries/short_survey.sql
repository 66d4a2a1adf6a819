-- Where we are: what the server says of itself, of us and of one database.
-- $1 the database's name, or null for the one that this session is in, whatever name led there
-- It asks functions for roles: a new session would need a quarter of the time only to take pg_roles
-- apart. To a superuser pg_has_role() says yes.
select version() as version,
       pg_catalog.pg_is_in_recovery() as is_standby,
       pg_catalog.current_setting('default_transaction_read_only')::boolean as is_read_only,
       pg_catalog.pg_backend_pid() as backend_pid,
       current_user as role,
       pg_catalog.concat_ws(', ', pg_catalog.to_regrole('aiven_superuser'),
                                  pg_catalog.to_regrole('alloydbsuperuser'),
                                  pg_catalog.to_regrole('azure_pg_admin'),
                                  pg_catalog.to_regrole('cloudsqlsuperuser'),
                                  pg_catalog.to_regrole('doadmin'),
                                  pg_catalog.to_regrole('neon_superuser'),
                                  pg_catalog.to_regrole('rds_superuser'),
                                  pg_catalog.to_regrole('supabase_admin')) as managed_roles,
       pg_catalog.current_database() as session_database,
       -- Its library has to be loaded with the server, and brings its settings.
       pg_catalog.current_setting('citus.shard_count', true) is not null as has_citus,
       d.oid as oid,
       pg_catalog.pg_get_userbyid(d.datdba) as owner,
       coalesce(pg_catalog.pg_has_role(current_user, d.datdba, 'USAGE'), false) as is_owner,
       (select c.description
          from pg_catalog.pg_shdescription c
         where c.classoid = 'pg_catalog.pg_database'::regclass
           and c.objoid = d.oid) as comment,
       (select system_identifier from pg_catalog.pg_control_system()) as server_identity,
       pg_catalog.to_char(pg_catalog.now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
           as now
  from (select 1) one
  left join pg_catalog.pg_database d
    on d.datname = coalesce($1, pg_catalog.current_database())
