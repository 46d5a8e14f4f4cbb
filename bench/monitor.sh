#!/usr/bin/env bash
# What the process that stays beside an idle container holds: Sampan's monitor beside conmon (under crun), ten of each.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/start.sh"
count=${COUNT:-10}
sampan=("$root/out/bin/sampan" --root "$work/sampan")

stop_all() {
  local status=$? i
  set +e
  for ((i = 0; i < count; i++)); do "${sampan[@]}" rm -f "bench$i" >/dev/null 2>&1; done
  (exit $status)
  clean_up
}
trap stop_all EXIT
in_private_view "$0"

# held PID: private and proportional memory in KiB.
held() {
  awk '/^Private_(Clean|Dirty)/ { p += $2 } /^Pss:/ { s = $2 } END { print p, s }' "/proc/$1/smaps_rollup"
}

for ((i = 0; i < count; i++)); do
  "${sampan[@]}" run -d --network none --name "bench$i" busybox sleep 3600 >/dev/null
  make_bundle "$work/bundle-$i" "/$cgroup/conmon$i" /bin/sleep 3600
  mkdir -p "$work/exits" "$work/sockets"
  conmon --api-version 1 -c "conmon$i" -u "conmon$i" -n "conmon$i" -r "${binary[crun]}" --runtime-arg "--root" --runtime-arg "$work/state/crun" -b "$work/bundle-$i" \
    -p "$work/conmon$i.pid" --conmon-pidfile "$work/conmon$i.monitor" --exit-dir "$work/exits" --socket-dir-path "$work/sockets" -l "k8s-file:$work/conmon$i.log" </dev/null >/dev/null 2>&1
done
sleep 1
for ((i = 0; i < count; i++)); do
  first=$("${sampan[@]}" inspect "bench$i" | jq -r '.[0].State.Pid')
  held "$(awk '{ print $4 }' "/proc/$first/stat")" >>"$work/held.sampan"
  held "$(cat "$work/conmon$i.monitor")" >>"$work/held.conmon"
done
printf '\n**Memory of an idle container'"'"'s monitor** (medians of %s)\n\n| | private KiB | PSS KiB |\n|---|---|---|\n' "$count"
for name in sampan conmon; do
  echo "| $name | $(cut -d' ' -f1 "$work/held.$name" | median) | $(cut -d' ' -f2 "$work/held.$name" | median) |"
done
