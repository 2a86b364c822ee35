#!/bin/sh
# Makes a minimal Debian 12 root in DIR, which is made and must be empty, with the packages named and what they need:
#
#   Tools/debian-root.sh .build/root systemd dbus libhiredis0.14
#
# It comes from where apt on this machine takes its packages, through the same proxy, and is checked against Debian's
# keys. What was made is kept in .build/roots, a tar for each list of packages, so that the next root with the same list
# takes seconds; `make clean` forgets them. Needs root, to make device nodes and files of other users.
set -eu

suite=bookworm

fail() {
    echo "debian-root: $1" >&2
    exit "${2:-69}"
}

[ $# -ge 1 ] || fail "expected DIR PACKAGE…" 64
case $1 in
    /*) root=$1 ;;
    *) root=$PWD/$1 ;;
esac
shift
[ "$(id -u)" -eq 0 ] || fail "needs root, to make device nodes and files of other users"
[ ! -e "$root" ] || [ -z "$(ls -A "$root")" ] || fail "$root is not empty" 64

cd "$(dirname "$0")/.."
packages=$(printf '%s\n' "$@" | LC_ALL=C sort -u | paste -sd, -)
architecture=$(dpkg --print-architecture)
name=$(printf '%s' "$suite $architecture $packages" | sha256sum | cut -c1-16)
kept=.build/roots/$name.tar

# The host that apt has for this suite; of another release the same host has this one, too.
mirror() {
    # shellcheck disable=SC2016
    targets=$(apt-get indextargets --format '$(ORIGIN)|$(CODENAME)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null)
    for wanted in "^Debian|$suite|" "^Debian|"; do
        uri=$(printf '%s\n' "$targets" | grep "$wanted" | head -n 1 | cut -d'|' -f3)
        [ -z "$uri" ] || { echo "$uri" && return; }
    done
}

make_root() {
    Tools/install.sh debootstrap
    command -v apt-config >/dev/null && eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
    [ -z "${http_proxy:-}" ] || export http_proxy
    mkdir -p .build/roots
    folder=$(mktemp -d .build/roots/making.XXXXXX)
    trap 'rm -rf "$folder"' EXIT
    echo "making a Debian root with $packages"
    # shellcheck disable=SC2046
    debootstrap --variant=minbase --arch="$architecture" ${packages:+--include="$packages"} "$suite" "$folder/root" \
        $(mirror) >"$folder/log" 2>&1 || {
        tail -n 20 "$folder/log" >&2
        fail "debootstrap could not make it; is the mirror that apt uses reachable?"
    }
    rm -rf "$folder"/root/var/cache/apt/archives/*.deb "$folder"/root/var/lib/apt/lists/* "$folder"/root/debootstrap
    tar -C "$folder/root" --numeric-owner -cf "$folder/tar" .
    # In one step: another that makes the same at this moment finds all of it or nothing.
    mv "$folder/tar" "$kept"
    rm -rf "$folder"
    trap - EXIT
}

[ -e "$kept" ] || make_root
mkdir -p "$root"
tar -C "$root" --numeric-owner -xpf "$kept"
