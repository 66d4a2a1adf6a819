-- The same where the header has no other columns than the key: there is nothing to update.
with inserted as (
    insert into :table (:columns) overriding system value
    select :columns
      from :staging as excluded
     where not exists (select from :table as target where :match)
     order by :row
    on conflict on constraint :constraint do nothing
    returning 1
)
select 0 as updated, (select count(*) from inserted) as inserted;
