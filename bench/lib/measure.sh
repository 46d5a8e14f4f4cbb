# Sourced: rounds of hyperfine in changing order, their medians, and the Markdown table.
# A round measures every candidate once, with the moment between that another one takes: as containers are started in life, and so that a slow
# minute of the machine hits all alike. RUNS=5 measures each five times back to back after a warm-up: that hides what the kernel makes the first
# write to cgroup.procs after a pause wait (5 to 13 ms, which crun and runc pay).

rounds=${ROUNDS:-30}
runs=${RUNS:-1}
mounted=

# in_private_view SCRIPT ARGUMENT ...: goes on in a mount namespace of its own, in which every v1 controller is mounted: crun 1.8.1 refuses
# a machine on which some controller is left to v2 beside v1. The machine's own mounts are not touched; the view ends with the script.
in_private_view() {
  [ -n "${SAMPAN_BENCH_VIEW:-}" ] || SAMPAN_BENCH_VIEW=1 exec unshare --mount --propagation private "$@"
  [ "$(stat -f -c %T /sys/fs/cgroup)" != cgroup2fs ] || return 0
  local new=$work/cgroup controller directory
  mkdir -p "$new"
  mount -t tmpfs -o mode=755 sampan-bench "$new"
  for directory in /sys/fs/cgroup/*/; do
    mountpoint -q "$directory" || continue
    mkdir "$new/$(basename "$directory")"
    mount --bind "$directory" "$new/$(basename "$directory")"
  done
  umount -R -l /sys/fs/cgroup
  mount --move "$new" /sys/fs/cgroup
  # Read at once: the file shifts under its reader when a hierarchy is mounted.
  local controllers left=
  controllers=$(awk '!/^#/ { print $1 }' /proc/cgroups)
  for controller in $controllers; do
    grep -qE " - cgroup .*[ ,]$controller(,|$)" /proc/self/mountinfo && continue
    mkdir -p "/sys/fs/cgroup/$controller"
    if mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller" 2>/dev/null; then
      mounted+=" $controller"
    else
      rmdir "/sys/fs/cgroup/$controller"
      left=$controller
    fi
  done
  # Something on this machine uses a controller in v2, so that it cannot be had in v1: then the view has v1 alone, for all candidates alike.
  if [ -n "$left" ] && mountpoint -q /sys/fs/cgroup/unified; then
    umount /sys/fs/cgroup/unified
    rmdir /sys/fs/cgroup/unified
  fi
}

median() {
  sort -g | awk '{ v[NR] = $1 } END { if (NR) print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# measure LABEL NAME=COMMAND ...: appends to $work/LABEL.NAME.{wall,cpu} (milliseconds). $prepare, when set, is a command run before each
# timing, with NAME as its last argument.
measure() {
  local label=$1 round order pair name json=$work/round.json
  shift
  for ((round = 0; round < rounds; round++)); do
    order=("${@:$((round % $# + 1))}" "${@:1:$((round % $#))}")
    for pair in "${order[@]}"; do
      name=${pair%%=*}
      hyperfine -N --style none --warmup $((runs > 1)) --runs "$runs" ${prepare:+--prepare "$prepare $name"} --export-json "$json" "${pair#*=}" \
        >"$work/hyperfine.log" 2>&1 || { cat "$work/hyperfine.log" >&2; fail "$label of $name failed: ${pair#*=}"; }
      jq -r '.results[0].times[] * 1000' "$json" >>"$work/$label.$name.wall"
      jq -r '(.results[0].user + .results[0].system) * 1000' "$json" >>"$work/$label.$name.cpu"
    done
  done
}

# peak_memory LABEL NAME COMMAND: the largest resident set (KiB) of the command or any process it waited for, median of five.
peak_memory() {
  local i
  for i in 1 2 3 4 5; do
    ${prepare:+$prepare "$2"}
    /usr/bin/time -f %M -o "$work/time" $3 >/dev/null
    tail -n 1 "$work/time"
  done | median >"$work/$1.$2.rss"
}

# table TITLE LABEL REFERENCE NAME ...: medians, minimum, CPU, peak memory, each beside its ratio to the reference.
table() {
  local title=$1 label=$2 reference=$3 name rw rc
  shift 3
  rw=$(median <"$work/$label.$reference.wall")
  rc=$(median <"$work/$label.$reference.cpu")
  printf '\n**%s** (%s rounds of %s, in changing order; × is against %s)\n\n' "$title" "$rounds" "$runs" "$reference"
  printf '| | wall median ms | × | minimum ms | CPU ms | × | peak RSS KiB |\n|---|---|---|---|---|---|---|\n'
  for name in "$@"; do
    awk -v n="$name" -v w="$(median <"$work/$label.$name.wall")" -v m="$(sort -g "$work/$label.$name.wall" | head -n 1)" \
      -v c="$(median <"$work/$label.$name.cpu")" -v rw="$rw" -v rc="$rc" -v r="$(cat "$work/$label.$name.rss" 2>/dev/null || echo -)" \
      'BEGIN { printf "| %s | %.2f | %.2f | %.2f | %.2f | %.2f | %s |\n", n, w, w / rw, m, c, c / rc, r }'
  done
}

# drop_controller NAME: unmounts a hierarchy of in_private_view. One that is unmounted while a removed cgroup is still dying in it stays on the
# machine without a mount, so this waits for the last to die, and looks whether the hierarchy is gone: five seconds at most.
drop_controller() {
  local i
  find "/sys/fs/cgroup/$1" -mindepth 1 -depth -type d -exec rmdir {} + 2>/dev/null
  for ((i = 0; i < 50; i++)); do
    case $(awk -v c="$1" '$1 == c { print $2 == 0 ? "gone" : $3 }' /proc/cgroups) in
      gone) return ;;
      1)
        mountpoint -q "/sys/fs/cgroup/$1" || mount -t cgroup -o "$1" cgroup "/sys/fs/cgroup/$1"
        umount "/sys/fs/cgroup/$1" ;;
    esac
    sleep 0.1
  done
}

# clean_up: runs at the end of every benchmark, also of one that failed.
clean_up() {
  local status=$? name directory controller
  set +e
  for name in "${candidates[@]}"; do
    [ -d "$work/state/$name" ] || continue
    for directory in "$work/state/$name"/*/; do
      [ -d "$directory" ] && "${binary[$name]}" --root "$work/state/$name" delete --force "$(basename "$directory")" >/dev/null 2>&1
    done
  done
  for directory in /sys/fs/cgroup/*/"$cgroup"; do
    [ -d "$directory" ] && find "$directory" -depth -type d -exec rmdir {} + 2>/dev/null
  done
  for controller in $mounted; do drop_controller "$controller"; done
  rm -rf "$work"
  exit $status
}
