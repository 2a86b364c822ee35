# shellcheck shell=bash
# Counting, and waiting for what takes a moment.

passed=0
failed=0
skipped=0

# check NAME COMMAND…: passes where the command does; what it printed is shown where it does not.
check() {
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then
        passed=$((passed + 1))
        echo "ok       $name"
    else
        failed=$((failed + 1))
        echo "FAILED   $name"
        printf '%s\n' "$output" | tail -n 15 | sed 's/^/         /'
        return 1
    fi
}

skip() {
    skipped=$((skipped + 1))
    echo "SKIPPED  $1: $2"
}

close() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ]
}

fails() { ! "$@"; }

# silent COMMAND…: it ends well and says nothing.
silent() {
    local output status=0
    output=$("$@" 2>&1) || status=$?
    printf '%s' "$output"
    [ "$status" -eq 0 ] && [ -z "$output" ]
}

# same WANTED FOUND
same() {
    [ "$1" = "$2" ] || { echo "expected $1, found $2" && return 1; }
}

# … | holds PATTERN: as grep -q, but reads to the end: what writes to it must not fail.
holds() { grep "$@" >/dev/null; }

# eventually SECONDS COMMAND…: looks again and again; says what the last try said.
eventually() {
    local end=$((SECONDS + $1)) output
    shift
    until output=$("$@" 2>&1); do
        [ "$SECONDS" -lt "$end" ] || { printf '%s\n' "$output" && return 1; }
        sleep 0.1
    done
}
