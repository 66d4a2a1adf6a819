-- Cruddur, a small social network: who is there, and what they said.
-- For an empty database; any client will do: psql -f sql/schema.sql

create table users (
    uuid            uuid        primary key default gen_random_uuid(),
    display_name    text        not null check (display_name <> ''),
    handle          text        not null unique check (handle ~ '^[a-z0-9_]{1,30}$'),
    email           text        not null check (email like '%_@_%'),
    cognito_user_id text        not null unique,
    created_at      timestamptz not null default now()
);

comment on table users is 'People who have signed up.';
comment on column users.handle is 'The name others mention them by, without the @.';
comment on column users.cognito_user_id is 'Their id in the Cognito user pool that they log in with.';

create table activities (
    uuid                   uuid        primary key default gen_random_uuid(),
    user_uuid              uuid        not null references users on delete cascade,
    message                text        not null check (char_length(message) between 1 and 1024),
    replies_count          integer     not null default 0 check (replies_count >= 0),
    reposts_count          integer     not null default 0 check (reposts_count >= 0),
    likes_count            integer     not null default 0 check (likes_count >= 0),
    reply_to_activity_uuid uuid        references activities on delete set null,
    expires_at             timestamptz,
    created_at             timestamptz not null default now(),
    check (expires_at > created_at),
    check (reply_to_activity_uuid <> uuid)
);

create index activities_user_uuid_idx on activities (user_uuid, created_at desc);
create index activities_reply_to_idx on activities (reply_to_activity_uuid);
create index activities_expires_at_idx on activities (expires_at);

comment on table activities is 'What users say, and what they answer to each other.';
comment on column activities.user_uuid is 'The author.';
comment on column activities.reply_to_activity_uuid is 'What this answers; null where it starts a conversation.';
comment on column activities.expires_at is 'When it disappears from every feed; null where it stays.';

-- What sql/queries inserts goes through these two: where there is no such author it would otherwise
-- insert nothing, or say no more than that a column must not be null.

create function author(cognito_user_id text, handle text) returns uuid
    language plpgsql stable
as $$
declare
    found_uuid uuid;
begin
    if author.cognito_user_id is not null then
        select users.uuid into found_uuid
          from users where users.cognito_user_id = author.cognito_user_id;
    else
        select users.uuid into found_uuid from users where users.handle = author.handle;
    end if;
    if found_uuid is not null then
        return found_uuid;
    elsif author.cognito_user_id is not null then
        raise exception 'no user has the Cognito id "%"', author.cognito_user_id
            using errcode = 'no_data_found';
    elsif author.handle is not null then
        raise exception 'no user has the handle "%"', author.handle using errcode = 'no_data_found';
    end if;
    raise exception 'neither a Cognito id nor a handle says whose it is'
        using errcode = 'null_value_not_allowed';
end
$$;

create function expiry(moment timestamptz) returns timestamptz
    language plpgsql stable
as $$
begin
    if moment <= now() then
        raise exception 'it would expire at %, which is over', moment
            using errcode = 'invalid_parameter_value';
    end if;
    return moment;
end
$$;

comment on function author is 'Who somebody is by their Cognito id; only where that is null, by their handle.';
comment on function expiry is 'The moment itself; refused where it is over. Null where it stays.';
