-- The settings of this session as they were at its log-in, for take_settings.sql.
select pg_catalog.jsonb_object_agg(name, reset_val)
  from pg_catalog.pg_settings
 where context in ('user', 'superuser')
   -- What a transaction began with belongs to it.
   and name not in ('transaction_isolation', 'transaction_read_only', 'transaction_deferrable')
