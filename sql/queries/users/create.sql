-- Makes a user of somebody who signed up; does nothing where there is one.
--
-- The handle is what :handle leaves of itself in small letters, digits and _; without any it is
-- user_ and a piece of a hash. Where another user has it, a piece of the hash is added to it. The
-- display name is the handle where there is none. Gives no row where the user was there.
--
-- As a trigger of Cognito's it comes again, even three times at once: crudctl lets one at a time in,
-- so that this holds without a unique index on cognito_user_id or handle.
insert into users (display_name, handle, email, cognito_user_id)
select
    coalesce(nullif(btrim(cast(:display_name as text)), ''), chosen.handle),
    chosen.handle,
    cast(:email as text),
    cast(:cognito_user_id as text)
from (
    select candidates.handle
    from (
        select
            coalesce(
                nullif(left(regexp_replace(lower(:handle), '[^a-z0-9_]', '', 'g'), 30), ''),
                'user_' || left(md5(:cognito_user_id), 8)
            ) as handle,
            md5(:cognito_user_id) as hash
    ) as wanted
    cross join lateral (
        values
            (1, wanted.handle),
            (2, left(wanted.handle, 21) || '_' || left(wanted.hash, 8)),
            (3, left(wanted.hash, 30))
    ) as candidates (place, handle)
    where not exists (select from users where users.handle = candidates.handle)
    order by candidates.place
    limit 1
) as chosen
where not exists (select from users where users.cognito_user_id = :cognito_user_id)
returning uuid, handle;
