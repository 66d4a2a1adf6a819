-- Moves a sequence past the largest key of the column that owns it (the smallest one where it
-- counts down), in its own steps and never backwards. Keys that it can't give don't count; a table
-- without rows leaves it alone.
select pg_catalog.setval(:sequence_text::pg_catalog.regclass,
                         (next + pg_catalog.div(key - next, step) * step)::bigint)
  from (select s.seqincrement::numeric as step,
               q.last_value::numeric + case when q.is_called then s.seqincrement else 0 end as next,
               case when s.seqincrement > 0
                    then (select max(:column) from :table where :column <= s.seqmax)
                    else (select min(:column) from :table where :column >= s.seqmin)
                    end::numeric as key
          from :sequence q, pg_catalog.pg_sequence s
         where s.seqrelid = :sequence_text::pg_catalog.regclass) as state
 where (key - next) * pg_catalog.sign(step) >= 0;
