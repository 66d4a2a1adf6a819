-- Answers an activity; the author is found as for one of their own.
with answered as (
    update activities set replies_count = replies_count + 1 where uuid = :uuid
)
insert into activities (user_uuid, message, reply_to_activity_uuid, expires_at)
values (author(:cognito_user_id, :handle), :message, :uuid, expiry(:expires_at))
returning uuid, reply_to_activity_uuid, created_at, expires_at;
