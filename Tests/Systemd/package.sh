# shellcheck shell=bash
# shellcheck disable=SC2154 # folder is the caller's.
# The package itself: what is in it, what it needs, and what systemd's own tools say of its units.

package_files='./lib/systemd/system/ctid.service
./lib/systemd/system/ctid@.service
./usr/bin/ctid
./usr/lib/sysusers.d/ctid.conf
./usr/lib/tmpfiles.d/ctid.conf
./usr/share/doc/ctid/CHANGELOG.md
./usr/share/doc/ctid/changelog.gz
./usr/share/doc/ctid/copyright
./usr/share/doc/ctid/examples/ctid.yaml
./usr/share/doc/ctid/examples/schema/ctid.schema.json
./usr/share/doc/ctid/examples/schema/tenant.schema.json
./usr/share/doc/ctid/examples/tenants/example.yaml
./usr/share/doc/ctid/systemd.md
./usr/share/doc/ctid/third-parties.gz'

version=$(sed -n 's/.*static let current = "\(.*\)".*/\1/p' Sources/ctid/CTID.swift)
package=$folder/deb/ctid_${version}_$(dpkg --print-architecture).deb

builds() {
    same "$package" "$(Tools/deb.sh "$folder/deb")" && dpkg-deb -x "$package" "$folder/tree"
}

is_reproducible() { cmp "$package" "$(Tools/deb.sh "$folder/again")"; }

has_files() {
    local file missing=0
    (cd "$folder/tree" && find . -type f) >"$folder/files"
    while read -r file; do
        grep -qxF "$file" "$folder/files" || { echo "$file is missing" && missing=1; }
    done <<<"$package_files"
    return $missing
}

writes_nowhere_else() {
    fails grep -E '^\./(etc|var|run|tmp|home|usr/local)/' "$folder/files"
}

is_owned_by_root() {
    dpkg-deb -c "$package" | grep -vE ' root/root ' && return 1
    # Nobody else may write into it.
    fails grep -E '^.....w|^........w' <<<"$(dpkg-deb -c "$package" | grep -v '^l')"
}

# What the man page and the completions are made by is built apart from the binary.
has_made_files() {
    local file
    for file in man/man1/ctid.1.gz bash-completion/completions/ctid zsh/vendor-completions/_ctid \
        fish/vendor_completions.d/ctid.fish; do
        grep -qxF "./usr/share/$file" "$folder/files" || { echo "$file is missing" && return 1; }
    done
}

depends_on() { dpkg-deb -f "$package" Depends | tr ',|' '\n' | sed 's/(.*//; s/ //g' | holds -x "$1"; }

# Every library that the binary names belongs to a package of Depends.
names_its_libraries() {
    local library found
    for library in $(objdump -p "$folder/tree/usr/bin/ctid" | awk '$1 == "NEEDED" { print $2 }'); do
        found=0
        # Where /lib is a link, dpkg knows files by either name.
        for owner in $(dpkg -S "*/$library" 2>/dev/null | cut -d: -f1 | sort -u); do
            depends_on "$owner" && found=1
        done
        [ "$found" -eq 1 ] || { echo "$library is of no package in Depends" && return 1; }
    done
    [ -n "${library:-}" ]
}

passes_lintian() {
    # It was built in haste, without compression; and a page that was not made cannot be in it.
    local without=uses-no-compression-for-control-tarball,uses-no-compression-for-data-tarball
    [ -f .build/share/man/ctid.1 ] || without=$without,no-manual-page
    lintian --no-cfg --allow-root --fail-on error,warning --suppress-tags="$without" "$package"
}

# The units of the package, in a tree with the units and programs that they name.
verifies() {
    local unit
    for unit in "$@"; do
        silent systemd-analyze verify --man=no --root="$folder/verify" "/lib/systemd/system/$unit" || return 1
    done
}

make_verify_tree() {
    cp -a "$folder/tree" "$folder/verify"
    mkdir -p "$folder/verify/bin"
    cp /bin/true "$folder/verify/bin/kill"
    local unit
    for unit in network-online sysinit basic shutdown multi-user network-pre network; do
        printf '[Unit]\nDescription=%s\n' "$unit" >"$folder/verify/lib/systemd/system/$unit.target"
    done
    for unit in system.slice -.slice; do
        printf '[Unit]\nDescription=%s\n' "$unit" >"$folder/verify/lib/systemd/system/$unit"
    done
}

finds_mistakes() {
    local unit=$folder/verify/lib/systemd/system/ctid.service
    cp "$unit" "$folder/unit"
    sed -i 's/^Type=notify$/Type=notiffy/' "$unit"
    fails verifies ctid.service
    local result=$?
    cp "$folder/unit" "$unit"
    return $result
}

# An exposure of 1.5 at most.
is_sandboxed() {
    systemd-analyze security --no-pager --offline=true --threshold=15 --root="$folder/verify" "$1" >"$folder/security" ||
        { grep -v '^✓' "$folder/security" && return 1; }
}

# The two are alike but for the few lines that must differ.
are_alike() {
    local common='^(#|Description=|LoadCredential=|User=|Group=|DynamicUser=|ConfigurationDirectory|State|Bind)'
    diff <(grep -vE "$common" systemd/ctid.service | grep .) <(grep -vE "$common" systemd/ctid@.service | grep .)
}

installs_elsewhere() {
    make --no-print-directory install DESTDIR="$folder/elsewhere" PREFIX=/opt/ctid >/dev/null &&
        "$folder/elsewhere/opt/ctid/bin/ctid" --version &&
        grep -q '^ExecStart=/opt/ctid/bin/ctid run' "$folder/elsewhere/opt/ctid/lib/systemd/system/ctid.service" &&
        make --no-print-directory uninstall DESTDIR="$folder/elsewhere" PREFIX=/opt/ctid >/dev/null &&
        same '' "$(find "$folder/elsewhere" -type f)"
}

must "the package builds" builds || { close; exit 1; }
check "the same commit makes the same package" is_reproducible
check "everything is in it" has_files
if [ -f .build/share/man/ctid.1 ] && [ -d .build/share/completions ]; then
    check "the man page and the completions are in it" has_made_files
else
    skip "the man page and the completions are in it" "make man completions was not run"
fi
check "nothing of it goes to /etc, /var or /usr/local" writes_nowhere_else
check "all of it is root's, and nobody else may write it" is_owned_by_root
check "every library that the binary names is in Depends" names_its_libraries
check "so are systemd, and procps for /bin/kill" depends_on procps
if command -v lintian >/dev/null; then
    check "lintian finds no error and no warning" passes_lintian
else
    skip "lintian finds no error and no warning" "lintian is not there"
fi
if command -v systemd-analyze >/dev/null; then
    make_verify_tree
    check "systemd-analyze verify has nothing to say of the units" verifies ctid.service ctid@.service
    check "and would have, were there a mistake" finds_mistakes
    check "ctid.service is exposed by 1.5 at most" is_sandboxed ctid.service
    check "ctid@.service is exposed by 1.5 at most" is_sandboxed ctid@.service
else
    skip "what systemd-analyze says of the units" "systemd-analyze is not there"
fi
check "the two units have the same sandbox" are_alike
check "make install puts it elsewhere, and uninstall takes it away" installs_elsewhere
