# shellcheck shell=bash
# shellcheck disable=SC2154 # folder, package and version are the caller's.
# The package in a Debian that boots: installed, run, watched, reloaded, stopped, upgraded, purged.

root=$folder/root
limit=30

property() { inside systemctl show --value -p "$2" "$1"; }
is_property() { same "$3" "$(property "$1" "$2")"; }
is_not() { [ "$3" != "$(property "$1" "$2")" ] || { echo "$2 is still $3" && return 1; }; }
mainpid() { property "${1:-ctid.service}" MainPID; }

# write FILE MODE OWNER < TEXT
write() { script "mkdir -p \"\$(dirname \"\$1\")\"; cat >\"\$1\"; chmod $2 \"\$1\"; chown $3 \"\$1\"" "$1"; }

secret() { printf '%s-0123456789abcdef0123456789abcdef' "$1"; }

# tenant FOLDER NAME SECRET
tenant() {
    write "$1/tenants/$2.yaml" 640 root:ctid <<END
redis: { url: "redis://127.0.0.1:6379/0", delivery: at-least-once, keys: { inbound: "$2:inbound" } }
auth: { hs256_secret_file: $3 }
END
}

get() { inside curl -sS --max-time 5 "http://127.0.0.1:$1"; }
readyz() { get "${2:-8080}/readyz" | holds "\"$1\":{\"state\":\"ready\"" || { get "${2:-8080}/readyz" && return 1; }; }

# As whoever runs the daemon: ctid FOLDER COMMAND…
as_ctid() { inside runuser -u ctid -- ctid "${@:2}" --config "$1"; }

send() { as_ctid /etc/ctid send --tenant acme --number 0821234567 --extension 1007 --call-ref "$1"; }
is_recorded() { as_ctid /etc/ctid calls --tenant acme --limit 1000 --json | holds "\"$1\""; }
count_recorded() { as_ctid /etc/ctid calls --tenant acme --limit 1000 --json | grep -o "\"ref\":\"$1-[0-9]*\"" | sort -u | wc -l; }

journal() { inside journalctl -u ctid.service --no-pager -o cat; }

# ---------------------------------------------------------------- installed

installs() { cp "$package" "$root/root/" && inside dpkg -i "/root/$(basename "$package")"; }

has_folders() {
    same "750 root:ctid 750 root:ctid 710 root:ctid 700 root:root" \
        "$(inside stat -c '%a %U:%G' /etc/ctid /etc/ctid/tenants /etc/ctid/secrets /etc/ctid/instances | paste -sd' ')"
}

is_idle() {
    same disabled "$(inside systemctl is-enabled ctid.service)" && is_property ctid.service ActiveState inactive
}

# ---------------------------------------------------------------- a broken configuration

refuses() {
    inside systemctl start ctid.service && echo "it started" && return 1
    eventually $limit is_property ctid.service ActiveState failed && is_property ctid.service ExecMainStatus 78 &&
        is_property ctid.service NRestarts 0
}

says() { journal | holds -F "$1" || { journal | tail -n 5 && return 1; }; }

# ---------------------------------------------------------------- it runs

configure() {
    write /etc/ctid/ctid.yaml 640 root:ctid <<'END'
http: { listen: "127.0.0.1:8080" }
END
    tenant /etc/ctid acme acme-jwt
    secret acme | write /etc/ctid/secrets/acme-jwt 600 root:root
    # Everybody could read this one.
    tenant /etc/ctid loose /etc/ctid/secrets/loose-jwt
    secret loose | write /etc/ctid/secrets/loose-jwt 644 ctid:ctid
    # A watchdog that a test can wait for.
    printf '[Service]\nWatchdogSec=3s\n' | write /etc/systemd/system/ctid.service.d/test.conf 644 root:root
    inside systemctl daemon-reload
    eventually $limit inside redis-cli ping
}

# It returns once the daemon says that it is ready, and no sooner.
starts_ready() { inside systemctl start ctid.service && get 8080/readyz | holds '"acme":'; }

shows_status() { eventually $limit is_property ctid.service StatusText "$1"; }

sees_a_call() { send "$1" && eventually $limit is_recorded "$1"; }

cannot_read_source() {
    inside cat /etc/ctid/secrets/acme-jwt >/dev/null && fails inside runuser -u ctid -- cat /etc/ctid/secrets/acme-jwt
}

# A token that is made of the secret's source opens the daemon, which has it as a credential.
knows_secret() {
    local token
    token=$(inside env CREDENTIALS_DIRECTORY=/etc/ctid/secrets ctid token --config /etc/ctid --tenant acme --scope supervisor) &&
        same 200 "$(inside curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" \
            http://127.0.0.1:8080/v1/acme/calls)"
}

refuses_world_readable() {
    says '/etc/ctid/secrets/loose-jwt can be read by other users (mode 0644), expected 0600, or 0400' &&
        get 8080/readyz | holds '"loose":{"state":"failed"'
}

runs_as_its_user() { same ctid "$(inside ps -o user= -p "$(mainpid)")"; }

# ---------------------------------------------------------------- the watchdog

restarts_when_stopped() {
    local before
    before=$(mainpid)
    inside kill -STOP "$before" || return 1
    send while-stopped || return 1
    eventually 60 is_not ctid.service MainPID "$before" && eventually 60 is_property ctid.service ActiveState active &&
        is_property ctid.service NRestarts 1 && says "Watchdog timeout" && eventually $limit is_recorded while-stopped
}

watchdog_fed_at() { property ctid.service WatchdogTimestampMonotonic; }
is_fed_until() { [ "$(watchdog_fed_at)" -gt "$1" ]; }

# Fed for three times as long as it is patient.
leaves_outage_alone() {
    local before fed
    before=$(mainpid)
    inside systemctl stop redis-server || return 1
    shows_status "0 of 2 tenants ready" || return 1
    fed=$(watchdog_fed_at)
    eventually 60 is_fed_until $((fed + 9000000)) && same "$before" "$(mainpid)" || return 1
    inside systemctl start redis-server && eventually $limit readyz acme && same "$before" "$(mainpid)"
}

# ---------------------------------------------------------------- reload, stop

reloads() {
    local before
    before=$(mainpid)
    tenant /etc/ctid second /etc/ctid/secrets/second-jwt
    secret second | write /etc/ctid/secrets/second-jwt 400 ctid:ctid
    inside systemctl reload ctid.service && eventually $limit readyz second && same "$before" "$(mainpid)" &&
        eventually $limit is_property ctid.service ActiveState active
}

push_many() {
    local call='{"type":"call","payload":{"number":"0821234567","call_ref":"REF","ref":"1007","call_dir":"inbound","dial_number":"1"}}'
    # shellcheck disable=SC2016
    script 'for i in $(seq 200); do echo "RPUSH acme:inbound $(echo "$1" | sed "s/\"/\\\\\"/g; s/REF/burst-$i/; s/.*/\"&\"/")"; done | redis-cli >/dev/null' "$call"
}

stops_clean() {
    push_many || return 1
    local start=$SECONDS
    inside systemctl stop ctid.service && [ $((SECONDS - start)) -le 15 ] && is_property ctid.service ExecMainStatus 0 &&
        is_property ctid.service Result success
}

lost_nothing() { inside systemctl start ctid.service && eventually 60 has_recorded 200 burst; }
has_recorded() { same "$1" "$(count_recorded "$2")"; }

# ---------------------------------------------------------------- one process a tenant

configure_instance() {
    write "/etc/ctid/instances/$1/ctid.yaml" 644 root:root <<END
http: { listen: "127.0.0.1:$2" }
END
    tenant "/etc/ctid/instances/$1" "$1" "$1-jwt"
    inside chmod 644 "/etc/ctid/instances/$1/tenants/$1.yaml"
    secret "$1" | write "/etc/ctid/instances/$1/secrets/$1-jwt" 600 root:root
}

instances_start() {
    configure_instance a 8081 && configure_instance b 8082 && inside systemctl start ctid@a.service ctid@b.service &&
        eventually $limit readyz a 8081 && eventually $limit readyz b 8082
}

uid_of() { inside stat -c %u "/proc/$(mainpid "ctid@$1.service")"; }

have_users_of_their_own() {
    local a b
    a=$(uid_of a)
    b=$(uid_of b)
    echo "$a and $b"
    [ "$a" -gt 0 ] && [ "$b" -gt 0 ] && [ "$a" != "$b" ]
}

# as_instance A COMMAND…: as its user, in what it sees of the files.
as_instance() {
    local pid uid
    pid=$(mainpid "ctid@$1.service")
    uid=$(uid_of "$1")
    inside nsenter -t "$pid" -m -- setpriv --reuid="$uid" --regid="$uid" --clear-groups "${@:2}"
}

see_their_own_alone() {
    as_instance a cat /run/credentials/ctid@a.service/ctid_a-jwt >/dev/null || return 1
    as_instance a test -w /var/lib/ctid/a.sqlite || { as_instance a ls -la /var/lib/ctid && return 1; }
    same a.yaml "$(as_instance a ls /etc/ctid/tenants)" || return 1
    local file
    for file in /run/credentials/ctid@b.service/ctid_b-jwt /var/lib/private/ctid-b /etc/ctid/instances/b; do
        as_instance a ls "$file" && echo "a sees $file" && return 1
    done
    # Nor by its own user alone, outside of its sandbox.
    local uid
    uid=$(uid_of a)
    for file in /run/credentials/ctid@b.service/ctid_b-jwt /var/lib/private/ctid-b/b.sqlite /var/lib/ctid/acme.sqlite \
        /etc/ctid/instances/b/ctid.yaml; do
        inside test -e "$file" || { echo "$file is not there" && return 1; }
        inside setpriv --reuid="$uid" --regid="$uid" --clear-groups cat "$file" && echo "a reads $file" && return 1
    done
    return 0
}

# ---------------------------------------------------------------- upgrade, removal

upgrades() {
    local before a newer
    newer=$(DEB_VERSION="$version+1" Tools/deb.sh "$folder/newer") && cp "$newer" "$root/root/" || return 1
    inside systemctl stop ctid@b.service
    before=$(mainpid)
    a=$(mainpid ctid@a.service)
    inside dpkg -i "/root/$(basename "$newer")" && eventually $limit is_property ctid.service ActiveState active || return 1
    is_not ctid.service MainPID "$before" && is_not ctid@a.service MainPID "$a" && eventually $limit readyz acme &&
        is_property ctid@b.service ActiveState inactive && same disabled "$(inside systemctl is-enabled ctid.service)"
}

removes() {
    inside dpkg -r ctid && is_property ctid.service ActiveState inactive &&
        inside test -e /var/lib/ctid/acme.sqlite && inside test -e /etc/ctid/tenants/acme.yaml &&
        fails inside pgrep -x ctid
}

purges() {
    inside dpkg -P ctid || return 1
    local file
    for file in /var/lib/ctid /var/lib/private/ctid-a /usr/share/doc/ctid /usr/bin/ctid; do
        inside test -e "$file" && echo "$file is still there" && return 1
    done
    inside test -e /etc/ctid/tenants/acme.yaml || { echo "what the administrator wrote is gone" && return 1; }
}

# ---------------------------------------------------------------- in this order

service_checks() {
    must "dpkg installs it" installs || return
    check "it has a user, and folders with their modes" has_folders
    check "nothing was enabled or started" is_idle
    check "without a tenant it ends with 78, and is not started again" refuses
    printf 'httpp: 1\n' | write /etc/ctid/ctid.yaml 640 root:ctid
    inside systemctl reset-failed ctid.service
    check "with a broken ctid.yaml it ends with 78, and is not started again" refuses
    check "and the journal says why" says "ctid.yaml:1:1: error: httpp"
    must "a tenant is configured" configure || return
    must "systemctl start returns when it is ready" starts_ready || return
    check "systemctl status tells how many tenants are ready" shows_status "1 of 2 tenants ready"
    check "it runs as its own user" runs_as_its_user
    check "a call that is pushed is seen" sees_a_call first
    check "its user cannot read the secret's source" cannot_read_source
    check "it has the secret all the same, as a credential" knows_secret
    check "a secret that others can read is refused, and the other tenant runs" refuses_world_readable
    check "a process that hangs is started again by the watchdog, and loses nothing" restarts_when_stopped
    check "an outage of Redis does not concern the watchdog" leaves_outage_alone
    inside rm -r /etc/systemd/system/ctid.service.d
    inside systemctl daemon-reload
    check "systemctl reload takes up a new tenant, in the same process" reloads
    inside systemctl start ctid.service
    eventually $limit readyz acme >/dev/null
    check "it stops within seconds, with status 0" stops_clean
    check "and loses nothing" lost_nothing
    check "two instances run side by side" instances_start
    check "each has a user of its own" have_users_of_their_own
    check "neither sees the other's secrets, data or configuration" see_their_own_alone
    check "an upgrade goes on with what runs, and starts nothing else" upgrades
    check "a removal stops it, and leaves what was configured and recorded" removes
    check "a purge takes what was recorded, and leaves what the administrator wrote" purges
}

# Says why where no machine can be had.
make_machine() {
    [ "$(id -u)" -eq 0 ] || { echo "only root can boot a systemd in a container" && return 1; }
    Tools/install.sh debootstrap systemd-container || return 1
    Tools/debian-root.sh "$root" systemd dbus procps init-system-helpers libhiredis0.14 libsqlite3-0 libstdc++6 zlib1g \
        redis-server redis-tools curl || return 1
    boot "$root" || { echo "systemd does not boot here" && return 1; }
}

if make_machine >"$folder/machine" 2>&1; then
    service_checks
else
    skip "everything under a running systemd" "$(tail -n 3 "$folder/machine" | paste -sd';')"
fi
