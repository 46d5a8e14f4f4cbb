#!/usr/bin/env bash
# Side-by-side measurements, as Markdown tables.   ./bench.sh [NAME ...]    without a name: all of them.
# ROUNDS, RUNS and CANDIDATES (default "sampan crun runc") in the environment change what is measured.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/build/setup.sh"
cd "$root"
all=(runtime-run runtime-lifecycle runtime-exec memory monitor hundred sampan-run images many-images)
[ $# -gt 0 ] || set -- "${all[@]}"
for name in "$@"; do
  [ -x "bench/$name.sh" ] || fail "there is no benchmark $name; there are ${all[*]}"
done
echo "$(. /etc/os-release && echo "$PRETTY_NAME"), kernel $(uname -r), $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg), $(date -u +%F)"
for name in "$@"; do
  "bench/$name.sh" </dev/null
done
