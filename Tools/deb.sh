#!/bin/sh
# Makes the Debian package of .build/release/ctid: Tools/deb.sh [FOLDER], into .build/deb unless told otherwise.
#
# The same commit and the same binary make the same package, byte for byte: all times in it are the commit's. What the
# package depends on is read off the binary. DEB_VERSION sets another version than the binary's own, DEB_COMPRESSION=none
# saves a minute.
set -eu

fail() {
    echo "deb: $1" >&2
    exit 69
}

folder=$(mkdir -p "${1:-$(dirname "$0")/../.build/deb}" && cd "${1:-$(dirname "$0")/../.build/deb}" && pwd)
cd "$(dirname "$0")/.."
binary=.build/release/ctid
[ -x "$binary" ] || fail "$binary is not there: make build"
Tools/install.sh dpkg-dev binutils

version=${DEB_VERSION:-$(sed -n 's/.*static let current = "\(.*\)".*/\1/p' Sources/ctid/CTID.swift)}
[ -n "$version" ] || fail "no version in Sources/ctid/CTID.swift"
architecture=$(dpkg --print-architecture)
maintainer="ctid maintainers <maintainers@ctid.invalid>"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)}
export SOURCE_DATE_EPOCH

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 022
root=$work/root
mkdir "$root"

files() {
    make --no-print-directory install DESTDIR="$root" PREFIX=/usr BINARY="$binary" >/dev/null
    strip --strip-unneeded --remove-section=.comment --remove-section=.note "$root/usr/bin/ctid"
    # Debian's place for units; where /lib is a link to /usr/lib it is the same.
    mkdir -p "$root/lib"
    mv "$root/usr/lib/systemd" "$root/lib/systemd"
    documents=$root/usr/share/doc/ctid
    cp Tools/deb/copyright "$documents/copyright"
    {
        printf 'ctid (%s) unstable; urgency=medium\n\n  * See CHANGELOG.md beside this file.\n\n' "$version"
        printf ' -- %s  %s\n' "$maintainer" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")"
    } | gzip -9n >"$documents/changelog.gz"
    third_parties | gzip -9n >"$documents/third-parties.gz"
    mkdir -p "$root/usr/share/lintian/overrides"
    cp Tools/deb/lintian-overrides "$root/usr/share/lintian/overrides/ctid"
}

# Of all that is linked into the binary.
third_parties() {
    for package in .build/checkouts/*/; do
        for file in "$package"LICENSE* "$package"NOTICE*; do
            [ -f "$file" ] || continue
            printf '===== %s: %s =====\n\n' "$(basename "$package")" "$(basename "$file")"
            cat "$file"
            echo
        done
    done
}

# What dpkg knows of the libraries that the binary names; it wants to see a source package.
libraries() {
    mkdir -p "$work/source/debian"
    printf 'Source: ctid\n\nPackage: ctid\nArchitecture: any\n' >"$work/source/debian/control"
    (cd "$work/source" && dpkg-shlibdeps -O "-S$root" -e"$root/usr/bin/ctid" 2>"$work/shlibdeps") |
        sed -n 's/^shlibs:Depends=//p'
}

control() {
    depends=$(libraries)
    [ -n "$depends" ] || fail "dpkg-shlibdeps found no library: $(cat "$work/shlibdeps")"
    mkdir "$root/DEBIAN"
    # systemd-sysusers and -tmpfiles make user and folders; /bin/kill of procps is how a reload is asked for.
    cat >"$root/DEBIAN/control" <<END
Package: ctid
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -k -s --apparent-size "$root" | cut -f1)
Depends: $depends, systemd | systemd-standalone-sysusers, systemd | systemd-standalone-tmpfiles, procps
Suggests: redis-server
Section: net
Priority: optional
Description: screen-pop daemon for call centres
 Takes call notifications off a PBX's Redis list and opens the caller's record
 in front of the one agent who is about to talk: at once, in one tab, only
 while the call is alive. When it did not, it says why.
 .
 Nothing is enabled or started by the installation. The first steps are in
 /usr/share/doc/ctid/systemd.md; examples of the configuration lie beside it.
END
    for script in postinst prerm postrm; do install -m 755 "Tools/deb/$script" "$root/DEBIAN/$script"; done
    (cd "$root" && find . -type f ! -path './DEBIAN/*' -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' md5sum) >"$work/sums"
    install -m 644 "$work/sums" "$root/DEBIAN/md5sums"
}

files
control
package=$folder/ctid_${version}_$architecture.deb
dpkg-deb --root-owner-group "-Z${DEB_COMPRESSION:-xz}" --threads-max=1 --build "$root" "$package" >/dev/null
echo "$package"
