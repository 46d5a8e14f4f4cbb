#!/usr/bin/env bash
# Makes apps/sampan-runtime/Layout anew: which functions a container's start, exec and end run through, so that they lie side by side in the executable
# (docs/decisions/0002-aot-flags.md). Run it as root after larger changes to the runtime; a name that is gone or new costs a page, nothing else.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../setup.sh"
cd "$root"
[ "$(id -u)" -eq 0 ] || fail "this runs containers: run it as root"
[ "$(uname -m)" = x86_64 ] || fail "this knows the breakpoints of x86-64 only"
need python3=python3 nm=binutils
need_static_busybox
./build.sh

work=$(mktemp -d -t sampan-layout.XXXXXX)
cgroup=$(basename "$work")
runtime=$root/out/publish/sampan-runtime/sampan-runtime
map=apps/sampan-runtime/obj/Release/net10.0/linux-x64/native/sampan-runtime.map
clean_up() {
  "$runtime" --root "$work/state" delete --force layout >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap clean_up EXIT
. bench/lib/bundle.sh
make_bundle "$work/run" "/$cgroup-run" /bin/true
make_bundle "$work/create" "/$cgroup-create" /bin/sleep 60

trace() { python3 build/layout/trace-functions.py "$runtime.dbg" "$runtime" --root "$work/state" "$@" </dev/null | grep -E '^[0-9a-f]+ [A-Za-z_]' >>"$work/trace"; }
trace run --bundle "$work/run" layout
"$runtime" --root "$work/state" create --bundle "$work/create" layout </dev/null >/dev/null 2>&1
trace start layout
trace exec layout /bin/true
trace state layout
trace kill layout KILL
for _ in 1 2 3 4 5 6 7 8 9 10; do
  [ "$("$runtime" --root "$work/state" state layout | grep -c '"status": "stopped"')" = 0 ] || break
  sleep 0.1
done
trace delete layout
# Last: the process that create leaves behind would hold the tracer.
timeout -k 1 20 python3 build/layout/trace-functions.py "$runtime.dbg" "$runtime" --root "$work/state" run --detach --bundle "$work/run" layout </dev/null | grep -E '^[0-9a-f]+ [A-Za-z_]' >>"$work/trace" || true

layout=apps/sampan-runtime/Layout
mkdir -p "$layout"
managed=$(readelf -SW "$runtime" | awk '{ for (i = 1; i < NF; i++) if ($i == "__managedcode") print $(i + 2) }')
awk -v managed="$managed" '!seen[$2]++ && substr("0000000000000000" $1, length($1) + 1) >= managed { print $2 }' "$work/trace" >"$layout/functions.order"
awk -f build/layout/sections.awk "$work/trace" "$map" >"$layout/sections.ld"
echo "$(wc -l <"$layout/functions.order") functions, $(grep -c '^    ' "$layout/sections.ld") native sections: build again, and measure with ./bench.sh runtime-run"
