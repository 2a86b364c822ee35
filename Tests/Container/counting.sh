# shellcheck shell=bash
# A line a check, and the count of them at the end. Read by run.sh.

passed=0
failed=0
skipped=0

pass() {
    passed=$((passed + 1))
    echo "ok      $1"
}

# fail NAME [WHAT WAS SEEN]
fail() {
    failed=$((failed + 1))
    echo "FAILED  $1"
    [ -z "${2:-}" ] || printf '%s\n' "$2" | sed 's/^/            /'
}

# skip NAME WHY
skip() {
    skipped=$((skipped + 1))
    echo "SKIPPED $1: $2"
}

# check NAME COMMAND…: passes where the command does; what it said is shown where it does not.
check() {
    local name=$1 said
    shift
    if said=$("$@" 2>&1); then pass "$name"; else fail "$name" "$said"; fi
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

is() { [ "$1" = "$2" ] || { echo "it is \"$1\", expected \"$2\"" && return 1; }; }

# eventually SECONDS COMMAND…: until it succeeds.
eventually() {
    local deadline=$((SECONDS + $1)) said
    shift
    until said=$("$@" 2>&1); do
        [ "$SECONDS" -lt "$deadline" ] || { printf 'waited in vain; at last: %s\n' "$said" && return 1; }
        # Podman looks at a container once for each command in it, and again behind it: not more often than that.
        sleep 1
    done
}

# The closing line, alone on its own; not 0 where something failed.
finish() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ]
}
