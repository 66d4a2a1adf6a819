-- The names of the server's own functions, and of each whether some function of that name may do
-- more than compute: what is volatile may, and what isn't known to only tell the time, give a
-- number or a UUID, or set a setting. A statement can't call one that takes an "internal".
select p.proname,
       case when pg_catalog.bool_or(p.provolatile = 'v'
                                    and p.proname not in ('array_sample', 'array_shuffle',
                                                          'clock_timestamp', 'currval',
                                                          'gen_random_uuid', 'lastval', 'nextval',
                                                          'random', 'random_normal', 'set_config',
                                                          'setseed', 'timeofday', 'uuidv4',
                                                          'uuidv7'))
            then 'volatile' else 'safe' end as effect
  from pg_catalog.pg_proc p
 where p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace
   and p.prokind <> 'p'
   and not 'internal'::pg_catalog.regtype = any (p.proargtypes::pg_catalog.oid[])
 group by p.proname
