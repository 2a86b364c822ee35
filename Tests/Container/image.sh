# shellcheck shell=bash
# Builds the image from the Dockerfile without any registry: both base images are made by debootstrap, and the builder's
# is lent this machine's Swift and the place that git takes packages from. Read by run.sh.
: "${work:?}" "${version:?}" "${revision:?}"

# What Debian's Swift images hold beside Swift, as far as a build needs it.
builder_packages="ca-certificates git libc6-dev libcurl4 libedit2 libgcc-12-dev libncurses6 libsqlite3-0 libstdc++-12-dev
    libxml2 tzdata zlib1g-dev"
debian_path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# Storage of our own, so that nobody's images are touched and ours are gone with a folder.
# The build's cache stays in $work/cache: the second build compiles what has changed.
use_own_storage() {
    mkdir -p "$work/cache" "$work/storage" "$work/runroot" "$work/tmp"
    cat >"$work/storage.conf" <<END
[storage]
driver = "${STORAGE_DRIVER:-overlay}"
graphroot = "$work/storage"
runroot = "$work/runroot"
END
    cat >"$work/containers.conf" <<END
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = "$work/tmp"
volume_path = "$work/storage/volumes"
static_dir = "$work/storage/libpod"
END
    export CONTAINERS_STORAGE_CONF=$work/storage.conf CONTAINERS_CONF=$work/containers.conf
    unset STORAGE_DRIVER
}

# base NAME PATH PACKAGE…
base() {
    local name=$1 path=$2
    shift 2
    rm -rf "$work/root"
    Tools/debian-root.sh "$work/root" "$@" >&2
    tar -C "$work/root" --numeric-owner -c . | podman import --quiet --change "ENV PATH=$path" - "localhost/$name"
    rm -rf "$work/root"
}

# lent: an option a line for what the builder is lent, found where this machine has it.
lent() {
    local toolchain
    toolchain=$(cd "$(dirname "$(readlink -f "$(type -P swift)")")/.." && pwd)
    echo "--volume=$toolchain:$toolchain:ro"
    # Where packages come from in place of GitHub, if from anywhere else.
    : >"$work/gitconfig"
    git config --get-regexp 'url\..*\.insteadof' 2>/dev/null | while read -r key prefix; do
        git config --file "$work/gitconfig" --add "$key" "$prefix"
        key=${key#url.}
        case ${key%.insteadof} in /*) echo "--volume=${key%.insteadof}:${key%.insteadof}:ro" ;; esac
    done | sort -u
    git config --file "$work/gitconfig" --add safe.directory '*'
    echo "--volume=$work/gitconfig:/etc/gitconfig:ro"
}

# build_image TARGET TAG [OPTION…]
build_image() {
    local target=$1 tag=$2
    shift 2
    TMPDIR=$work/cache buildah build --quiet --format docker --layers --isolation=chroot --network=host --pull-never \
        --build-arg RUNTIME_IMAGE=localhost/runtime-base --build-arg BUILDER_IMAGE=localhost/builder-base \
        --build-arg VERSION="$version" --build-arg REVISION="$revision" \
        ${target:+--target "$target"} --tag "$tag" "$@" .
}

# The whole Dockerfile; what it says goes to build.log.
build_whole_image() {
    local toolchain lent
    toolchain=$(dirname "$(readlink -f "$(type -P swift)")")
    # shellcheck disable=SC2086
    base builder-base "$toolchain:$debian_path" $builder_packages || return
    mapfile -t lent < <(lent)
    build_image "" localhost/ctid "${lent[@]}"
}

# What .dockerignore lets in is enough for the builder: the manifest, and the folder of each target in it.
context_is_whole() {
    local targets target
    printf 'FROM scratch\nCOPY . /\n' >"$work/context.Dockerfile"
    TMPDIR=$work/cache buildah build --quiet --pull-never --file "$work/context.Dockerfile" \
        --tag localhost/ctid-context . >/dev/null || return
    podman save --quiet localhost/ctid-context | tar -xO --wildcards '*.tar' | tar -t >"$work/context.txt" || return
    targets=$(swift package dump-package | python3 -c '
import json, sys
for target in json.load(sys.stdin)["targets"]:
    print(target.get("path") or ("Tests/" if target["type"] == "test" else "Sources/") + target["name"])') || return
    for target in Package.swift Makefile Tools/check-libraries.sh $targets; do
        grep -q "^$target\(/\|\$\)" "$work/context.txt" || { echo "$target is missing" && return 1; }
    done
    ! grep -E '^(\.git|\.build|Config|Docs|README)' "$work/context.txt"
}

# The runtime stage, and on top of it what the last stage would copy from the builder.
build_image_around() {
    local container
    build_image runtime localhost/ctid-runtime || return
    strip -o "$work/ctid" "$1" || return
    container=$(buildah from --pull-never localhost/ctid-runtime) || return
    buildah copy --chmod 0755 "$container" "$work/ctid" /usr/local/bin/ctid || return
    buildah commit --quiet --format docker --rm "$container" localhost/ctid
}
