# shellcheck shell=bash
# A Debian with a systemd of its own, in a container with a cgroup and a network of its own.

# shellcheck disable=SC2154 # folder is the caller's.
leader=
nspawn=
machine_cgroups=()

# Where new cgroups go: one hierarchy, or systemd's two beside the old ones.
cgroup_parents() {
    if [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]; then
        echo /sys/fs/cgroup
    else
        ls -d /sys/fs/cgroup/systemd /sys/fs/cgroup/unified 2>/dev/null
    fi
}

# boot ROOT: fails, and says why, where this machine does not let a systemd boot.
boot() {
    local parent
    for parent in $(cgroup_parents); do
        mkdir "$parent/ctid-$$" 2>/dev/null || { echo "no cgroup can be made in $parent" && return 1; }
        machine_cgroups+=("$parent/ctid-$$")
    done
    [ ${#machine_cgroups[@]} -gt 0 ] || { echo "there are no cgroups" && return 1; }
    (
        for cgroup in "${machine_cgroups[@]}"; do echo "$BASHPID" >"$cgroup/cgroup.procs" || exit 1; done
        SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 exec systemd-nspawn --quiet -D "$1" --machine="ctid-$$" --boot \
            --register=no --keep-unit --private-network --link-journal=no --console=pipe \
            --kill-signal=SIGRTMIN+3
    ) </dev/null >"$folder/console" 2>&1 &
    nspawn=$!
    eventually 60 is_booted || { tail -n 5 "$folder/console" && return 1; }
    find_leader
}

# The machine's first process.
find_leader() { leader=$(pgrep -P "$nspawn" | head -n 1) && [ -n "$leader" ]; }

is_booted() {
    find_leader && case $(inside systemctl is-system-running) in running | degraded) true ;; *) false ;; esac
}

# inside COMMAND…: as root, in the machine.
inside() {
    nsenter -t "$leader" -m -u -i -n -p -C -- \
        env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

script() { inside sh -euc "$1" sh "${@:2}"; }

# Only what was started here, by its number.
power_off() {
    if [ -n "$nspawn" ] && kill -0 "$nspawn" 2>/dev/null; then
        if find_leader; then inside systemctl poweroff >/dev/null 2>&1; fi
        eventually 15 is_over || kill -KILL "$nspawn" 2>/dev/null
        wait "$nspawn" 2>/dev/null
    fi
    nspawn=
    local cgroup
    for cgroup in "${machine_cgroups[@]}"; do
        # A machine that would not end: whatever is left of it is in its cgroup.
        left "$cgroup" | xargs -r kill -KILL 2>/dev/null
        eventually 5 is_empty "$cgroup"
        find "$cgroup" -depth -type d -exec rmdir {} \; 2>/dev/null
    done
    machine_cgroups=()
}

left() { find "$1" -name cgroup.procs -exec cat {} +; }
is_empty() { [ -z "$(left "$1")" ]; }

is_over() { ! kill -0 "$nspawn" 2>/dev/null; }
