#!/bin/sh
# Installs the Debian packages named, those that are missing: Tools/install.sh libhiredis-dev redis-server
set -eu

missing=""
for package in "$@"; do
    dpkg-query -W -f='${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

sudo=""
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "needs root or sudo to install:$missing" >&2; exit 69; }
    sudo=sudo
fi
echo "installing:$missing"
$sudo apt-get update -qq
# A Redis for the tests and the demo is started by them; Debian's own need not run.
# shellcheck disable=SC2086
$sudo env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends $missing >/dev/null
