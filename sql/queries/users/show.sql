-- A user's page: who has the handle, and what they said.
select users.uuid,
       users.handle,
       users.display_name,
       users.created_at,
       (select count(*) from activities where activities.user_uuid = users.uuid) as activities_count,
       (
           select coalesce(json_agg(activity order by activity.created_at desc), '[]')
           from (
               select activities.uuid, activities.message, activities.replies_count,
                      activities.reposts_count, activities.likes_count,
                      activities.reply_to_activity_uuid, activities.created_at,
                      activities.expires_at
               from activities
               where activities.user_uuid = users.uuid
                 and (activities.expires_at is null or activities.expires_at > now())
               order by activities.created_at desc
               limit 100
           ) as activity
       ) as activities
from users
where users.handle = :handle;
