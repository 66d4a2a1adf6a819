-- What stands beside somebody's name.
select uuid, handle, display_name from users where handle = :handle;
