# Sourced after start.sh: registries and image engines with directories of their own, all on the loopback of one network namespace, which ends with the
# script. Every daemon is ended by its number. Directories are made anew for each round and removed at the end alone (see image.sh).
daemons=()

# stop_daemons [KEPT]: the last started first, all but the first KEPT.
stop_daemons() {
  local i kept=${1:-0}
  for ((i = ${#daemons[@]} - 1; i >= kept; i--)); do
    kill "${daemons[i]}" 2>/dev/null || true
    wait "${daemons[i]}" 2>/dev/null || true
  done
  daemons=("${daemons[@]:0:kept}")
}

clean_up_engines() {
  local status=$?
  set +e
  stop_daemons
  awk -v w="$work/" 'index($5, w) == 1 { print $5 }' /proc/self/mountinfo | sort -r | xargs -r -n 1 umount -l 2>/dev/null
  (exit $status)
  clean_up
}

# start_registry PORT DIRECTORY
start_registry() {
  mkdir -p "$2"
  cat >"$2/config.yml" <<YAML
version: 0.1
log: { level: error }
storage: { filesystem: { rootdirectory: $2/data }, delete: { enabled: true } }
http: { addr: "127.0.0.1:$1" }
YAML
  OTEL_TRACES_EXPORTER=none docker-registry serve "$2/config.yml" >"$2/log" 2>&1 &
  daemons+=($!)
  wait_until "the registry answers" curl -sf "http://127.0.0.1:$1/v2/"
}

# start_docker DIRECTORY: afterwards $docker is its client.
start_docker() {
  mkdir -p "$1"
  docker="docker -H unix://$1/sock"
  dockerd -H "unix://$1/sock" --data-root "$1/data" --exec-root "$1/run" --pidfile "$1/pid" --bridge none --iptables=false --ip-forward=false >"$1/log" 2>&1 &
  daemons+=($!)
  wait_until "dockerd answers" $docker version
}

# start_containerd DIRECTORY: afterwards $ctr is its client.
start_containerd() {
  mkdir -p "$1"
  ctr="ctr -a $1/sock -n bench"
  printf 'version = 2\nroot = "%s"\nstate = "%s"\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\naddress = "%s"\n' "$1/root" "$1/run" "$1/sock" >"$1/config.toml"
  containerd -c "$1/config.toml" >"$1/log" 2>&1 &
  daemons+=($!)
  wait_until "containerd answers" $ctr version
}

podman_in() { echo "podman --root $1/root --runroot $1/run --cgroup-manager cgroupfs --events-backend file --storage-driver overlay"; }

wait_until() {
  local what=$1 i
  shift
  for ((i = 0; i < 300; i++)); do
    ! "$@" >/dev/null 2>&1 || return 0
    sleep 0.1
  done
  fail "not in 30 seconds: $what"
}

# timed LABEL NAME COMMAND: appends wall seconds, CPU seconds of the command itself and its peak memory (KiB) to $work/LABEL.NAME.
timed() {
  sync
  /usr/bin/time -f '%e %U %S %M' -o "$work/time" sh -c "$3" >"$work/out" 2>&1 </dev/null || { tail -n 5 "$work/out" >&2; fail "$1 by $2 failed: $3"; }
  tail -n 1 "$work/time" | awk '{ print $1, $2 + $3, $4 }' >>"$work/$1.$2"
}

# timed_table TITLE LABEL NAME ...: medians, beside the best of all but sampan.
timed_table() {
  local title=$1 label=$2 name best
  shift 2
  best=$(for name in "$@"; do [ "$name" = sampan ] || cut -d' ' -f1 "$work/$label.$name" | median; done | sort -g | head -n 1)
  printf '\n**%s** (medians of %s; × is against the best of the others)\n\n| | wall s | × | CPU s of the command | peak RSS MB of the command |\n|---|---|---|---|---|\n' "$title" "$(wc -l <"$work/$label.sampan")"
  for name in "$@"; do
    awk -v n="$name" -v b="$best" -v w="$(cut -d' ' -f1 "$work/$label.$name" | median)" -v c="$(cut -d' ' -f2 "$work/$label.$name" | median)" -v m="$(cut -d' ' -f3 "$work/$label.$name" | median)" \
      'BEGIN { printf "| %s | %.2f | %.2f | %.2f | %.0f |\n", n, w, w / b, c, m / 1024 }'
  done
}
