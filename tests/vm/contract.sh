#!/bin/bash
# contract.sh [RUNTIME]: what an OCI runtime must do on Linux 6.12 with cgroup v2 alone, in the machine of run.sh: once under a plain init
# (cgroupfs driver), once under systemd (--systemd-cgroup). RUNTIME is out/bin/sampan-runtime unless named; /usr/sbin/runc shows that the
# cases themselves are right. It takes minutes under emulation, so it does nothing unless SAMPAN_LONG_TESTS is set.
# Each case is one line, `ok NAME` or `not ok NAME`, and the last line counts them; the exit status is 1 if one failed.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
source "$here/common.sh"
repository=$(readlink -f "$here/../..")

if [ -z "${SAMPAN_LONG_TESTS:-}" ]; then
  echo "skipped: set SAMPAN_LONG_TESTS=1 to run the contract in a virtual machine"
  exit 0
fi
runtime=$(readlink -f "${1:-$repository/out/bin/sampan-runtime}")
[ -x "$runtime" ] || fail "$runtime is not there: run ./build.sh first"

# The machine sees the repository and the directory of the runtime, at the same places; /usr of the machine is its own.
share=(--share "$(dirname "$runtime")")
case $runtime in
  "$repository"/* | /usr/*) share=() ;;
esac

log=$(mktemp "${TMPDIR:-/tmp}/sampan-contract.XXXXXX")
trap 'rm -f "$log"' EXIT
status=0
for first in plain systemd; do
  echo "== $first"
  option=()
  [ $first = plain ] || option=(--systemd)
  "$here/run.sh" "${option[@]}" "${share[@]}" --timeout 1500 -- bash "$here/cases.sh" "$runtime" $first 2>&1 | tee -a "$log" || status=1
done
passed=$(grep -c '^ok ' "$log" || true) failed=$(grep -c '^not ok ' "$log" || true)
echo "$passed passed, $failed failed"
[ $status -eq 0 ] && [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
