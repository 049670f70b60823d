#!/bin/sh
# Starts the database container. The postgres image reads POSTGRES_PASSWORD only when its volume is empty; here it is set
# again at each start, so that "edit .env, recreate the container" changes the password as people expect.
set -eu

: "${PGDATA:=/var/lib/postgresql/data}"
: "${POSTGRES_USER:?POSTGRES_USER não definido}"
: "${POSTGRES_PASSWORD:?POSTGRES_PASSWORD não definido}"

single_user() {
  if [ "$(id -u)" = 0 ]; then
    # `gosu` is in the image; `runuser` elsewhere.
    if command -v gosu >/dev/null 2>&1; then gosu postgres "$@"; else runuser -u postgres -- "$@"; fi
  else
    "$@"
  fi
}

if [ -s "$PGDATA/PG_VERSION" ]; then
  case "$POSTGRES_PASSWORD$POSTGRES_USER" in
    *'
'*) echo "POSTGRES_PASSWORD e POSTGRES_USER não podem ter quebra de linha" >&2; exit 1 ;;
  esac
  quoted_user=$(printf '%s' "$POSTGRES_USER" | sed 's/"/""/g')
  quoted_password=$(printf '%s' "$POSTGRES_PASSWORD" | sed "s/'/''/g")
  # Single-user mode works on the stopped cluster: no window in which the old password still opens it.
  printf "SET standard_conforming_strings = on; ALTER ROLE \"%s\" PASSWORD '%s'\n" "$quoted_user" "$quoted_password" |
    single_user "${POSTGRES_BIN:-}postgres" --single -j -D "$PGDATA" postgres >/dev/null
fi

exec docker-entrypoint.sh postgres "$@"
