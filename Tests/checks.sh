# shellcheck shell=bash
# A line a check, the count of them at the end, and waiting for what takes a moment. Read by the tests that are scripts.

passed=0
failed=0
skipped=0

pass() {
    passed=$((passed + 1))
    echo "ok       $1"
}

# fail NAME [WHAT WAS SEEN]
fail() {
    failed=$((failed + 1))
    echo "FAILED   $1"
    [ -z "${2:-}" ] || printf '%s\n' "$2" | tail -n 40 | sed 's/^/         /'
}

# skip NAME WHY
skip() {
    skipped=$((skipped + 1))
    echo "SKIPPED  $1: $2"
}

# check NAME COMMAND…: passes where the command does; what it said is shown where it does not.
check() {
    local name=$1 said
    shift
    if said=$("$@" 2>&1); then pass "$name"; else fail "$name" "$said"; fi
}

# must NAME COMMAND…: a check whose failure leaves no sense in the rest.
must() {
    local before=$failed
    check "$@"
    [ "$failed" -eq "$before" ]
}

# check_status NAME STATUS WORDS COMMAND…: that it exits so, and says that.
check_status() {
    local name=$1 wanted=$2 words=$3 status=0 said
    shift 3
    said=$("$@" 2>&1) || status=$?
    if [ "$status" -eq "$wanted" ] && [[ $said == *"$words"* ]]; then
        pass "$name"
    else
        fail "$name" "exit status $status, expected $wanted and \"$words\"; it said:
$said"
    fi
}

# The closing line, alone on its own; not 0 where something failed.
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

# eventually SECONDS COMMAND…: looks again and again, every ${pause:-0.1} s; says what the last try said.
eventually() {
    local end=$((SECONDS + $1)) said
    shift
    until said=$("$@" 2>&1); do
        [ "$SECONDS" -lt "$end" ] || { printf 'waited in vain; at last: %s\n' "$said" && return 1; }
        sleep "${pause:-0.1}"
    done
}
