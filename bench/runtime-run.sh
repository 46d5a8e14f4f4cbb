#!/usr/bin/env bash
# `run` of /bin/true in one bundle: wall time, CPU time, peak memory.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/start.sh"
trap clean_up EXIT
in_private_view "$0"

commands=()
for name in "${candidates[@]}"; do
  make_bundle "$work/bundle-$name" "/$cgroup/$name" /bin/true
  commands+=("$name=$(runtime "$name") run --bundle $work/bundle-$name $name")
  peak_memory run "$name" "$(runtime "$name") run --bundle $work/bundle-$name $name"
done
measure run "${commands[@]}"
table "run of /bin/true" run crun "${candidates[@]}"
