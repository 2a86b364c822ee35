#!/bin/sh
# Makes the secrets of compose.yaml, random ones, once: Config/compose/secrets.sh && docker compose up
#
# The folder is its owner's alone. The files in it are readable: compose mounts them as they are, and the container's user
# is another one than the host's.
set -eu
cd "$(dirname "$0")"
(umask 077 && mkdir -p secrets)
for name in demo-jwt demo-redis; do
    [ -s "secrets/$name" ] || head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"secrets/$name"
    chmod 0444 "secrets/$name"
done
