-- The databases that may stand in for one: those whose comment says so, and those that have the name
-- of one in the making and no comment. Whether they are what they say is judged elsewhere.
-- $1 the database's name, $2 a text that only comments on its stand-ins contain, $3 how the name of
-- one in the making begins, $4 whether their sizes are wanted
with activity as materialized (
    -- Autovacuum has no role, and the server ends it where it is in the way.
    select a.datid, a.pid, a.backend_start
      from pg_catalog.pg_stat_get_activity(null) a
     where a.usesysid is not null
       and a.pid <> pg_catalog.pg_backend_pid()
)
select o.datname as name,
       o.oid,
       pg_catalog.pg_get_userbyid(o.datdba) as owner,
       o.datdba = me.oid as is_mine,
       -- In this direction: asked of the role at hand, a superuser would admit anybody's.
       o.datdba = me.oid
           or coalesce(pg_catalog.pg_has_role(o.datdba, d.datdba, 'MEMBER'), false) as owner_fits,
       pg_catalog.pg_has_role(me.oid, o.datdba, 'USAGE') as is_owner,
       pg_catalog.pg_has_role(o.datdba, me.oid, 'MEMBER') as owner_acts_as_us,
       o.datconnlimit <> -2 as is_valid,
       c.description as comment,
       case when $4::boolean and pg_catalog.has_database_privilege(o.oid, 'CONNECT')
            then pg_catalog.pg_database_size(o.oid) end as size,
       (select pg_catalog.count(*) from activity a where a.datid = o.oid) as sessions,
       -- Who may not see when a session began takes one with the process id for it.
       exists (select
                 from activity a
                where pg_catalog.strpos(c.description, '"builder":"' || a.pid || ' '
                          || coalesce(pg_catalog.to_char(a.backend_start at time zone 'UTC',
                                                         'YYYYMMDDHH24MISSUS'), '')) > 0)
           as builder_lives
  from pg_catalog.pg_database o
 cross join (select pg_catalog.quote_ident(current_user)::pg_catalog.regrole::pg_catalog.oid
                      as oid) me
  left join pg_catalog.pg_database d on d.datname = $1
  left join pg_catalog.pg_shdescription c
    on c.objoid = o.oid and c.classoid = 'pg_catalog.pg_database'::pg_catalog.regclass
 where pg_catalog.strpos(c.description, $2) > 0
    or (c.description is null and pg_catalog.starts_with(o.datname, $3))
 order by o.datname
