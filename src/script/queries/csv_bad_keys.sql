-- The first staged row that has no whole key, with the column that is null, and the first two rows
-- that have the same key.
(select 'null' as problem, :row as row, null::bigint as other, coalesce(:null_names) as key
   from :staging where not ((:keys) is not null) order by :row limit 1)
union all
(select 'twice', min(:row), max(:row), pg_catalog.concat_ws(', ', :keys)
   from :staging where (:keys) is not null group by :keys having count(*) > 1 order by 2 limit 1);
