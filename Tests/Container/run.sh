#!/usr/bin/env bash
# Builds the image and runs it as it is meant to run: not root, nothing writable but its data, no capability.
#
#   Tests/Container/run.sh            the whole Dockerfile; minutes the first time, then what has changed
#   Tests/Container/run.sh BINARY     its runtime stage with a binary that was built already
#
# Everything stays in .build-image and is gone afterwards, but for the build's cache. Needs root, and a Redis on loopback.
set -euo pipefail
cd "$(dirname "$0")/../.."
binary=${1:-}

# A mount namespace of its own: what is mounted in it goes with it.
if [ "$(id -u)" -eq 0 ] && [ -z "${CTID_TEST_NAMESPACE:-}" ]; then
    exec unshare --mount env CTID_TEST_NAMESPACE=1 "$PWD/Tests/Container/run.sh" "$@"
fi
work=$PWD/.build-image
version=$(sed -n 's/.*let current = "\(.*\)"/\1/p' Sources/ctid/CTID.swift)
revision=$(git rev-parse HEAD)
redis=
. Tests/checks.sh
# Podman looks at a container once for each command in it, and again behind it: not more often than that.
pause=1
# is FOUND WANTED
is() { same "$2" "$1"; }
. Tests/Container/image.sh

clean_up() {
    [ -z "$redis" ] || kill "$redis" 2>/dev/null || true
    podman rm --all --force --time 0 >/dev/null 2>&1 || true
    # What is mounted below is unmounted first, and nothing is removed across a mount: the toolchain is one of them.
    cut -d' ' -f2 /proc/mounts | grep -F "$work/" | sort -r | xargs -r umount -l 2>/dev/null || true
    find "$work" -mindepth 1 -maxdepth 1 ! -name cache ! -name build.log -exec rm -rf --one-file-system {} +
}
trap clean_up EXIT

# MARK: the files

# It exits with 0 whatever it finds: what it says counts.
compose_says() { .build/peers/linters/bin/docker-compose --file "$1" config --quiet 2>&1; }
compose_is_valid() { is "$(compose_says compose.yaml)" ""; }
compose_finds_a_mistake() {
    sed 's/read_only:/reed_only:/' compose.yaml >"$work/wrong.yaml"
    compose_says "$work/wrong.yaml" | grep -q reed_only
}

mkdir -p "$work"
if said=$(Tools/linters.sh 2>&1); then
    check "hadolint finds nothing in the Dockerfile" .build/peers/linters/bin/hadolint Dockerfile
    check "docker compose takes compose.yaml" compose_is_valid
    check "and would not take a mistake in it" compose_finds_a_mistake
else
    skip "hadolint and docker compose" "$said"
fi

# MARK: the image

if [ "$(id -u)" -ne 0 ]; then
    skip "the image" "building and running it needs root here"
    close
    exit
fi
for program in buildah podman redis-server redis-cli; do
    command -v "$program" >/dev/null && continue
    skip "the image" "$program is not installed, \`make test-container\` does that"
    close
    exit
done
# An older hierarchy of control groups is none that podman could use; what it need not limit, it need not see.
if [ "$(stat -f -c %T /sys/fs/cgroup)" != cgroup2fs ]; then
    umount -R /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup
fi
use_own_storage

check "what is given to the builder is whole, and no more" context_is_whole
check "the runtime's base image is made" base runtime-base "$debian_path" ca-certificates
if [ -n "$binary" ]; then
    skip "the Dockerfile's builder" "$binary was built already"
    check "the image is built around $binary" build_image_around "$binary"
else
    began=$SECONDS
    if build_whole_image >"$work/build.log" 2>&1; then
        pass "the Dockerfile builds the image ($((SECONDS - began)) s)"
    else
        fail "the Dockerfile builds the image" "$(tail -n 40 "$work/build.log")"
    fi
fi
if ! podman image exists localhost/ctid; then
    close
    exit
fi

. Tests/Container/checks.sh
[ "$failed" -eq 0 ] || podman logs ctid 2>&1 | tail -n 20 | sed 's/^/        log: /'
close
