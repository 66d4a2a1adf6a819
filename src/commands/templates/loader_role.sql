-- A role that can load into the database and read it, but neither reset, rename nor drop it: it
-- owns nothing but what it makes. For the owner or an administrator, in the database @database@.
-- What lies in other schemas than public takes the same grants there.
create role @role@ login nosuperuser nocreatedb nocreaterole;
grant connect on database @database@ to @role@;
grant usage, create on schema public to @role@;
grant select, insert on all tables in schema public to @role@;
grant usage on all sequences in schema public to @role@;
alter default privileges for role @owner@ in schema public
    grant select, insert on tables to @role@;
alter default privileges for role @owner@ in schema public
    grant usage on sequences to @role@;
