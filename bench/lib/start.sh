# Sourced first by every benchmark: packages, a working directory, the candidates.
. "$(dirname "${BASH_SOURCE[0]}")/../../build/setup.sh"
cd "$root"
[ "$(id -u)" -eq 0 ] || fail "benchmarks make containers: run this as root"
if [ -z "${SAMPAN_BENCH_WORK:-}" ]; then
  need hyperfine=hyperfine jq=jq runc=runc crun=crun conmon=conmon /usr/bin/time=time unshare=util-linux
  need_static_busybox
  ./build.sh
  use_roomy_temporary_directory
  SAMPAN_BENCH_WORK=$(mktemp -d -t sampan-bench.XXXXXX)
  export SAMPAN_BENCH_WORK
fi
work=$SAMPAN_BENCH_WORK
cgroup=$(basename "$work")
. bench/lib/bundle.sh
. bench/lib/measure.sh
read -ra candidates <<<"${CANDIDATES:-sampan crun runc}"
declare -A binary=([sampan]="$root/out/bin/sampan-runtime" [crun]=$(PATH=$PATH:/usr/sbin command -v crun) [runc]=$(PATH=$PATH:/usr/sbin command -v runc))
mkdir -p "$work/state"
for name in "${candidates[@]}"; do mkdir -p "$work/state/$name"; done

# runtime NAME: the candidate's command with its own state directory.
runtime() { echo "${binary[$1]} --root $work/state/$1"; }
