#!/usr/bin/env bash
# `exec` of /bin/true in a running container.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/start.sh"
trap clean_up EXIT
in_private_view "$0"

commands=()
for name in "${candidates[@]}"; do
  make_bundle "$work/bundle-$name" "/$cgroup/$name" /bin/sleep 3600
  $(runtime "$name") run --detach --bundle "$work/bundle-$name" "$name" </dev/null >/dev/null 2>&1
  commands+=("$name=$(runtime "$name") exec $name /bin/true")
  peak_memory exec "$name" "$(runtime "$name") exec $name /bin/true"
done
measure exec "${commands[@]}"
table "exec of /bin/true in a running container" exec crun "${candidates[@]}"
