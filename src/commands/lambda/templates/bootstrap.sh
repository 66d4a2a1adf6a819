#!/bin/sh
# Starts crudctl as the runtime of a function, with the loader and the libraries that lie beside it.
cd "${0%/*}" || exit 1
: "${CRUDCTL_PROFILE:=@profile@}"
export CRUDCTL_PROFILE
: "${CRUDCTL_TRUST:=@trust@}"
export CRUDCTL_TRUST
if [ -f etc/ca-bundle.crt ]; then
    : "${SSL_CERT_FILE:=$PWD/etc/ca-bundle.crt}"
    export SSL_CERT_FILE
fi
if [ -f etc/root.crt ]; then
    : "${PGSSLROOTCERT:=$PWD/etc/root.crt}"
    export PGSSLROOTCERT
fi
exec ./lib/crudctl-loader --inhibit-cache --library-path "$PWD/lib" ./lib/crudctl \
    --config "$PWD/@config@" lambda "$@"
