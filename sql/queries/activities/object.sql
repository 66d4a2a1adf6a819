-- One activity, with what was answered to it.
select activities.uuid,
       users.handle,
       users.display_name,
       activities.message,
       activities.replies_count,
       activities.reposts_count,
       activities.likes_count,
       activities.reply_to_activity_uuid,
       activities.created_at,
       activities.expires_at,
       (
           select coalesce(json_agg(reply order by reply.created_at), '[]')
           from (
               select answers.uuid, authors.handle, authors.display_name, answers.message,
                      answers.created_at, answers.expires_at
               from activities as answers
               join users as authors on authors.uuid = answers.user_uuid
               where answers.reply_to_activity_uuid = activities.uuid
                 and (answers.expires_at is null or answers.expires_at > now())
           ) as reply
       ) as replies
from activities
join users on users.uuid = activities.user_uuid
where activities.uuid = :uuid;
