#!/bin/sh
# Checks that a binary needs no other shared libraries than those that the package and the image bring along:
#
#   Tools/check-libraries.sh .build/release/ctid
#
# A library more is a package more on every machine: it is added here, in the Dockerfile and in the package's dependencies.
set -eu

# The library, and Debian's package of it.
allowed="
libc.so.6               libc6
libm.so.6               libc6
ld-linux-x86-64.so.2    libc6
ld-linux-aarch64.so.1   libc6
libgcc_s.so.1           libgcc-s1
libstdc++.so.6          libstdc++6
libz.so.1               zlib1g
libhiredis.so.0.14      libhiredis0.14
libhiredis.so.1.1.0     libhiredis1.1.0
libsqlite3.so.0         libsqlite3-0
"

[ $# -eq 1 ] || { echo "check-libraries: expected BINARY" >&2; exit 64; }
command -v readelf >/dev/null || { echo "check-libraries: readelf is missing, expected binutils" >&2; exit 69; }
[ -r "$1" ] || { echo "check-libraries: $1 is not there" >&2; exit 64; }

needed=$(readelf --dynamic --wide "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p')
# A static binary, or no binary at all: either would be news.
[ -n "$needed" ] || { echo "check-libraries: $1 needs no library, expected a dynamically linked binary" >&2; exit 1; }
status=0
for library in $needed; do
    printf '%s\n' "$allowed" | cut -d' ' -f1 | grep -qxF "$library" || {
        echo "check-libraries: $1 needs $library, which is not on the list in Tools/check-libraries.sh" >&2
        status=1
    }
done
exit $status
