-- Waits until no other run uses up an id of a plan in this database; until the transaction's end.
-- $1 the lock's name
select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended($1, 0))
