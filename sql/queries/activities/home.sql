-- The home feed: the newest activities that answer nothing and are not over.
select activities.uuid,
       users.handle,
       users.display_name,
       activities.message,
       activities.replies_count,
       activities.reposts_count,
       activities.likes_count,
       activities.created_at,
       activities.expires_at
from activities
join users on users.uuid = activities.user_uuid
where activities.reply_to_activity_uuid is null
  and (activities.expires_at is null or activities.expires_at > now())
order by activities.created_at desc
limit 100;
