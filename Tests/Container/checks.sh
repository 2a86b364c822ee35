# shellcheck shell=bash
# What the image holds, and what its container does. Read by run.sh, once the image is there.
: "${work:?}" "${version:?}" "${revision:?}"

# As it is meant to run; without a control group and the health check's timer, which need systemd.
hardened=(--network=host --cgroups=disabled --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 --no-healthcheck
    --read-only --read-only-tmpfs=false --cap-drop=ALL --security-opt=no-new-privileges)
once() { podman run --rm "${hardened[@]}" "$@"; }
inspect() { podman image inspect --format "$1" localhost/ctid; }
inside() { podman exec ctid "$@"; }

# MARK: what it holds

check "it runs as a number that is not root's" is "$(inspect '{{.User}}')" 10001:10001
check "it runs ctid run" is "$(inspect '{{.Config.Entrypoint}} {{.Config.Cmd}}')" "[ctid] [run]"
check "SIGTERM stops it" is "$(inspect '{{.Config.StopSignal}}')" SIGTERM
check "its health is asked by ctid itself" is "$(inspect '{{.Config.Healthcheck.Test}}')" "[CMD ctid health]"
check "its port and its data are declared" \
    is "$(inspect '{{.Config.ExposedPorts}} {{.Config.Volumes}}')" "map[8080/tcp:{}] map[/var/lib/ctid:{}]"
if [ -z "$binary" ]; then
    check "its labels name version and revision" is "$version $revision" \
        "$(inspect '{{index .Labels "org.opencontainers.image.version"}} {{index .Labels "org.opencontainers.image.revision"}}')"
else
    skip "its labels" "they are the last stage's, which was not built"
fi
check "it is of that version" is "$(once localhost/ctid --version)" "$version"

root=$(podman image mount localhost/ctid)
check "the binary needs the libraries on the list alone" Tools/check-libraries.sh "$root/usr/local/bin/ctid"
no_library_is_missing() { ! once --entrypoint /usr/bin/ldd localhost/ctid /usr/local/bin/ctid | grep "not found"; }
check "and all of them are in it" no_library_is_missing
nothing_of_a_build() {
    local found
    found=$(find "$root" \( -name 'swift*' -o -name 'clang*' -o -name 'gcc*' -o -name 'g++*' -o -name ld -o -name make \
        -o -name git -o -name curl -o -name wget -o -name '*.h' -o -name 'libhiredis*.a' -o -name 'redis-*' \) \
        ! -type d ! -path '*/share/*' ! -path '*/var/lib/dpkg/*')
    is "$found" ""
}
check "no compiler, no header, no curl is in it" nothing_of_a_build
no_source() { is "$(find "$root" -name '*.swift' -o -name Package.resolved -o -name .git -o -name .build)" ""; }
check "nothing of the source is in it" no_source
podman image unmount localhost/ctid >/dev/null
echo "        the image is $(($(inspect '{{.Size}}') / 1000000)) MB with a Debian of" \
    "$(($(podman image inspect --format '{{.Size}}' localhost/runtime-base) / 1000000)) MB"

# MARK: a Redis, and the configuration that compose.yaml uses

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
redis_port=$(free_port)
port=$(free_port)
mkdir -p "$work/secrets" "$work/configuration"
for name in demo-jwt demo-redis; do head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$work/secrets/$name"; done
printf 'bind 127.0.0.1\nport %s\nrequirepass %s\nsave ""\ndir %s\n' \
    "$redis_port" "$(cat "$work/secrets/demo-redis")" "$work" >"$work/redis.conf"
redis-server "$work/redis.conf" >"$work/redis.log" 2>&1 &
# shellcheck disable=SC2034 # run.sh ends it
redis=$!

cp -R Config/compose/ctid "$work/configuration/compose"
sed -i "s,0\.0\.0\.0:8080,127.0.0.1:$port," "$work/configuration/compose/ctid.yaml"
sed -i "s,redis://redis:6379/,redis://127.0.0.1:$redis_port/," "$work/configuration/compose/tenants/demo.yaml"
# As git checks it out: others may read the configuration, which holds no secret.
chmod -R a+rX "$work/configuration"
for name in demo-jwt demo-redis; do podman secret create "$name" "$work/secrets/$name" >/dev/null; done
mounted=(--volume "$work/configuration/compose:/etc/ctid:ro")
secrets=(--secret demo-jwt --secret demo-redis)

# MARK: what it refuses

check_status "nothing mounted at all is a wrong configuration" 78 "" once localhost/ctid
check_status "a secret that is not there is named with its place" 78 "/run/secrets/demo-jwt is not there" \
    once "${mounted[@]}" localhost/ctid
check_status "health is 1 where nobody listens" 1 "http://127.0.0.1:$port/readyz cannot be reached" \
    once "${mounted[@]}" "${secrets[@]}" localhost/ctid health
cp -R "$work/configuration/compose" "$work/configuration/open"
sed -i 's,demo-jwt,/etc/ctid/demo-jwt,' "$work/configuration/open/tenants/demo.yaml"
install -m 0644 -o 10001 "$work/secrets/demo-jwt" "$work/configuration/open/demo-jwt"
check_status "a secret that others may read is refused outside of /run/secrets" 78 \
    "/etc/ctid/demo-jwt can be read by other users (mode 0644), expected 0600, or 0400" \
    once --volume "$work/configuration/open:/etc/ctid:ro" "${secrets[@]}" localhost/ctid
chmod 0400 "$work/configuration/open/demo-jwt"
check "and taken once they may not" \
    once --volume "$work/configuration/open:/etc/ctid:ro" "${secrets[@]}" localhost/ctid check
check "compose's configuration is right" once "${mounted[@]}" "${secrets[@]}" localhost/ctid check

# MARK: what it does

check "the daemon starts" podman run --detach --name ctid "${hardened[@]}" "${mounted[@]}" "${secrets[@]}" \
    --volume ctid-data:/var/lib/ctid localhost/ctid
check "it is ready by ctid health" eventually 60 inside ctid health
check "health tells of the tenant" is "$(inside ctid health)" "ready: 1 of 1 tenants ready"

pid=$(podman inspect --format '{{.State.Pid}}' ctid)
of_process() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$pid/status"; }
check "its process is not root's" is "$(of_process Uid | cut -f1)" 10001
check "it has no capability" is "$(of_process CapPrm) $(of_process CapBnd)" "0000000000000000 0000000000000000"
check "it cannot gain any" is "$(of_process NoNewPrivs)" 1
check "it is the container's first process" is "$(inside sh -c 'tr "\0" " " </proc/1/cmdline')" "ctid run "
# shellcheck disable=SC2016 # for the shell in the container
cannot_write() { is "$(inside sh -c '(: >"$1") 2>/dev/null || echo refused' sh "$1" 2>&1)" refused; }
for place in / /etc /etc/ctid /usr/local/bin /tmp /run /run/secrets /var/log; do
    check "it cannot write to $place" cannot_write "${place%/}/written"
done
check "it can write to its data" inside sh -c ': >/var/lib/ctid/written && rm /var/lib/ctid/written'

ref=$(inside ctid send --tenant demo --number 0821234567 --extension 1001 --dial-number 0117654321) || ref=none
has_call() { inside ctid calls --tenant demo --json | grep -F "\"$ref\""; }
is_explained() { inside ctid explain --tenant demo "$ref" | grep -F "Sales opens the customer"; }
check "a call that was sent is recorded" eventually 60 has_call
check "and its rule ran" is_explained
check "a token can be minted" inside ctid token --tenant demo --extension 1001
no_secret_in_log() {
    local log
    log=$(podman logs ctid 2>&1)
    [ -n "$log" ] && ! grep -F -f "$work/secrets/demo-jwt" -f "$work/secrets/demo-redis" <<<"$log"
}
check "no secret is in its log" no_secret_in_log
# Beside the first process there may be the one that looks.
# shellcheck disable=SC2016 # for the shell in the container
no_zombie() { is "$(inside sh -c 'cat /proc/[0-9]*/stat' | grep -c ') Z ')" 0; }
check "no dead process is left behind" no_zombie

# One that took longer would be killed, and exit with 137.
check "it stops when it is told to" podman stop --time 20 ctid
check "and exits with 0" is "$(podman inspect --format '{{.State.ExitCode}}' ctid)" 0
check "it starts again" podman start ctid
check "it is ready again" eventually 60 inside ctid health
check "and the call is still there" has_call
podman rm --force --time 20 ctid >/dev/null
check "a new container with the same volume" podman run --detach --name ctid "${hardened[@]}" "${mounted[@]}" \
    "${secrets[@]}" --volume ctid-data:/var/lib/ctid localhost/ctid
check "has it, too" eventually 60 has_call
