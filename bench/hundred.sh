#!/usr/bin/env bash
# A hundred containers started in a row, all left running: does the last take longer than the first?
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/start.sh"
trap clean_up EXIT
in_private_view "$0"
count=${COUNT:-100}
tenth=$((count / 10))

printf '\n**%s containers in a row** (`run --detach`, median ms of each tenth)\n\n| | first tenth | middle | last tenth | last × first |\n|---|---|---|---|---|\n' "$count"
for name in "${candidates[@]}"; do
  runtime=$(runtime "$name")
  for ((i = 0; i < count; i++)); do make_bundle "$work/bundle-$name-$i" "/$cgroup/$name-$i" /bin/sleep 3600; done
  for ((i = 0; i < count; i++)); do
    begin=$EPOCHREALTIME
    $runtime run --detach --bundle "$work/bundle-$name-$i" "$name-$i" </dev/null >/dev/null 2>&1
    end=$EPOCHREALTIME
    echo $((${end/./} - ${begin/./})) >>"$work/row.$name"
  done
  for ((i = 0; i < count; i++)); do $runtime delete --force "$name-$i"; done
  awk -v n="$name" -v a="$(head -n $tenth "$work/row.$name" | median)" -v m="$(sed -n "$((5 * tenth - tenth / 2 + 1)),$((5 * tenth + tenth / 2))p" "$work/row.$name" | median)" \
    -v z="$(tail -n $tenth "$work/row.$name" | median)" 'BEGIN { printf "| %s | %.2f | %.2f | %.2f | %.2f |\n", n, a / 1000, m / 1000, z / 1000, z / a }'
done
