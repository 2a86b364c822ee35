#!/bin/bash
# The package under a systemd of its own: built, looked at, installed in a fresh Debian that boots in a container, run,
# upgraded, purged. A line for each check; the last line says 'N passed, N failed, N skipped'.
#
#   Tests/Systemd/run.sh
#
# The first part needs nothing but Debian's tools. What needs a running systemd is skipped, loudly, where none can boot:
# without root, without debootstrap's mirror, without cgroups. Everything it makes is gone afterwards.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

. Tests/checks.sh
. Tests/Systemd/machine.sh

folder=$(mktemp -d /tmp/ctid-systemd.XXXXXX)
finish() {
    power_off
    rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT TERM

Tools/install.sh dpkg-dev binutils lintian systemd >&2 || true
export DEB_COMPRESSION=none
. Tests/Systemd/package.sh
. Tests/Systemd/service.sh
close
