#!/usr/bin/env bash
# What `create` charges to the container's own memory cgroup before its program has run: it counts against the container's limit.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/start.sh"
trap clean_up EXIT
in_private_view "$0"

# charged NAME: bytes, from whichever memory controller the machine has.
charged() {
  local file
  for file in "/sys/fs/cgroup/memory/$cgroup/$1/memory.usage_in_bytes" "/sys/fs/cgroup/$cgroup/$1/memory.current"; do
    [ ! -e "$file" ] || { cat "$file"; return; }
  done
  fail "the memory cgroup of $1 is not where its config.json asked for it"
}

printf '\n**Memory charged to the container at create** (median of 7)\n\n| | KiB |\n|---|---|\n'
for name in "${candidates[@]}"; do
  make_bundle "$work/bundle-$name" "/$cgroup/$name" /bin/sleep 3600
  for i in 1 2 3 4 5 6 7; do
    $(runtime "$name") create --bundle "$work/bundle-$name" "$name" </dev/null >/dev/null 2>&1
    charged "$name" >>"$work/charged.$name"
    $(runtime "$name") delete --force "$name"
  done
  echo "| $name | $(($(median <"$work/charged.$name") / 1024)) |"
done
