-- Posts an activity; its author is who has the Cognito id, or where that is null the handle.
-- A handle that a browser sends proves nobody: an application gives the id that the token has.
insert into activities (user_uuid, message, expires_at)
values (author(:cognito_user_id, :handle), :message, expiry(:expires_at))
returning uuid, created_at, expires_at;
