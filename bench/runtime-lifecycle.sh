#!/usr/bin/env bash
# `create`, `start` and `delete` of /bin/true, each timed alone, and their sum.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/start.sh"
trap clean_up EXIT

# bring STEP NAME: what has to be there before the step is timed.
bring() {
  local step=$1 name=$2 runtime
  runtime=$(runtime "$name")
  $runtime delete --force "$name" >/dev/null 2>&1 || true
  [ "$step" != create ] || return 0
  $runtime create --bundle "$work/bundle-$name" "$name" </dev/null >/dev/null 2>&1
  [ "$step" != start ] || return 0
  $runtime start "$name"
  until [[ $($runtime state "$name") == *'"stopped"'* ]]; do :; done
}
if [ "${1:-}" = bring ]; then
  trap - EXIT
  bring "$2" "$3"
  exit
fi
in_private_view "$0"

for name in "${candidates[@]}"; do make_bundle "$work/bundle-$name" "/$cgroup/$name" /bin/true; done
for step in create start delete; do
  prepare="$0 bring $step"
  commands=()
  for name in "${candidates[@]}"; do
    case $step in
      create) commands+=("$name=$(runtime "$name") create --bundle $work/bundle-$name $name") ;;
      *) commands+=("$name=$(runtime "$name") $step $name") ;;
    esac
  done
  measure "$step" "${commands[@]}"
  table "$step" "$step" crun "${candidates[@]}"
done
for name in "${candidates[@]}"; do
  for kind in wall cpu; do
    for step in create start delete; do median <"$work/$step.$name.$kind"; done | awk '{ s += $1 } END { print s }' >"$work/sum.$name.$kind"
  done
done
table "create + start + delete, sum of the medians" sum crun "${candidates[@]}"
