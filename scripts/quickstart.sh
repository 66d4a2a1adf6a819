#!/usr/bin/env bash
# From a fresh clone to a running sample database: installs what is needed, builds crudctl, and has
# it set up Cruddur on a Postgres of its own. Can be run again at any time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib/steps.sh
source scripts/lib/packages.sh

# The sample database is crudctl's own: no other one that the environment names is touched.
unset CONNECTION_URL DATABASE_URL CRUDCTL_CONFIG CRUDCTL_PROFILE

crudctl() {
    build/release/crudctl "$@"
}

show_tables() {
    crudctl connect -- -X -P pager=off -P footer=off -c "
        select 'users' as \"table\", count(*) as rows from users
        union all
        select 'activities', count(*) from activities"
}

started=$EPOCHREALTIME
step "packages" install_packages "${build_packages[@]}"
step "build" build_preset release
step "crudctl setup" crudctl setup
step "what there is now" show_tables
step "crudctl sessions" crudctl sessions

say "
Done in $(seconds_since "$started") s. What to type next:

    export PATH=\"$PWD/build/release:\$PATH\"
    crudctl                  where am I, and what comes next
    crudctl connect          psql on the new database
    crudctl url              its URL, for an application
    crudctl setup            builds it again from sql/schema.sql and sql/seed.sql
    crudctl server stop      stops its Postgres; the next command starts it again
    crudctl --help           everything else"
