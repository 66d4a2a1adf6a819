-- Makes the table's rows what the staged ones are: those that differ (in what is stored, not by
-- what an = thinks of it, and not every type has one) are updated, those that are missing are
-- inserted. Not one INSERT … ON CONFLICT for all: it would want every NOT NULL column in the header
-- even for rows that exist, and take a number from the sequences for each. It remains as the answer
-- to a session that inserts the same key meanwhile.
with updated as (
    update :table as target
       set :assignments
      from :staging as excluded
     where :match
       and row(:target_values)::record operator(pg_catalog.*<>) row(:staged_values)::record
    returning 1
), inserted as (
    insert into :table as target (:columns) overriding system value
    select :columns
      from :staging as excluded
     where not exists (select from :table as target where :match)
     order by :row
    on conflict on constraint :constraint do update
       set :assignments
     where row(:target_values)::record operator(pg_catalog.*<>) row(:staged_values)::record
    returning 1
)
select (select count(*) from updated) as updated, (select count(*) from inserted) as inserted;
