-- A few users and activities to develop against. Loading it again changes nothing: whatever has one
-- of these handles or ids is left as it is.

insert into users (handle, display_name, email, cognito_user_id)
values
    ('ada',   'Ada Quill',     'ada@cruddur.example',   'seed-ada'),
    ('bruno', 'Bruno Løvdahl', 'bruno@cruddur.example', 'seed-bruno'),
    ('chen',  'Chen Wei 陳偉', 'chen@cruddur.example',  'seed-chen')
on conflict do nothing;

insert into activities
    (uuid, user_uuid, message, replies_count, reposts_count, likes_count,
     reply_to_activity_uuid, created_at, expires_at)
select seed.uuid, users.uuid, message, replies_count, reposts_count, likes_count,
       reply_to, now() - age, now() + lifetime
from (
    values
        ('5eed0000-0000-4000-8000-000000000001'::uuid, 'ada',
         'Immigrated to the cloud today. It is mostly other people''s weather.',
         1, 2, 5, null::uuid, interval '2 days', interval '5 days'),
        ('5eed0000-0000-4000-8000-000000000002'::uuid, 'bruno',
         'Welcome! Bring an umbrella; the forecast says 100 % availability.',
         0, 0, 3, '5eed0000-0000-4000-8000-000000000001'::uuid,
         interval '47 hours', interval '5 days'),
        ('5eed0000-0000-4000-8000-000000000003'::uuid, 'bruno',
         'Does anyone still have the charger that I lent to … somebody?',
         0, 0, 1, null, interval '1 day', interval '6 days'),
        ('5eed0000-0000-4000-8000-000000000004'::uuid, 'chen',
         '今天的晚霞很美。 The evening sky was worth missing the bus for. 🌇',
         0, 4, 9, null, interval '3 hours', interval '7 days'),
        ('5eed0000-0000-4000-8000-000000000005'::uuid, 'chen',
         'This one stays: the first rule of backups is to restore one.',
         0, 1, 2, null, interval '10 minutes', null)
) as seed (uuid, handle, message, replies_count, reposts_count, likes_count,
           reply_to, age, lifetime)
join users using (handle)
on conflict do nothing;
