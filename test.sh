#!/usr/bin/env bash
# Builds everything, checks the formatting, runs all tests, and ends with one line: N passed, N failed, N skipped.
#   ./test.sh [--long] [PROJECT ...]      PROJECT is a folder of tests/; without one: all of them, and the formatting.
# --long (or SAMPAN_LONG_TESTS=1) adds the tests that take minutes each. The exit status is 0 only if nothing failed.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/build/setup.sh"
cd "$root"

projects=()
for argument in "$@"; do
  case $argument in
    --long) export SAMPAN_LONG_TESTS=1 ;;
    -*) fail "the only option is --long" ;;
    *) [ -d "tests/$argument" ] && projects+=("$argument") || fail "there is no test project tests/$argument" ;;
  esac
done
whole=false
if [ ${#projects[@]} -eq 0 ]; then
  whole=true
  projects=(Architecture Unit Integration Conformance)
fi
limit=2400
[ -z "${SAMPAN_LONG_TESTS:-}" ] || limit=14400

passed=0 failed=0 skipped=0
results=out/test-results
skips=$results/skips
rm -rf "$results"
mkdir -p "$results"

finish() {
  echo
  if [ -s "$skips" ]; then
    echo "Skipped, and why:"
    sort "$skips"
    echo
  fi
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
  exit
}

# step NAME COMMAND ...: something that is not a test and counts as one failure when it fails.
step() {
  local name=$1 log=$results/$1.log
  shift
  echo "== $name"
  if ! "$@" >"$log" 2>&1 </dev/null; then
    grep -E '(error|warning) ' "$log" | sort -u | head -n 40 || tail -n 40 "$log"
    echo "$name failed; all it said is in $log"
    failed=$((failed + 1))
    return 1
  fi
}

# count ATTRIBUTE FILE: the sum over the test assemblies of a result file.
count() {
  grep -o '<assembly [^>]*' "$2" | grep -o " $1=\"[0-9]*\"" | tr -dc '0-9\n' | paste -sd+ | sed 's/^$/0/'
}

# run_project NAME: a runner that dies or hangs before it wrote its results counts as a failure.
run_project() {
  local name=$1 xml=$results/$1.xml log=$results/$1.log status=0
  echo "== tests/$name"
  set +e
  timeout -k 20 $limit dotnet exec "tests/$name/bin/Release/net10.0/Sampan.Tests.$name.dll" \
    -noLogo -noColor -longRunning 180 -result-xml "$xml" </dev/null 2>&1 | tee "$log" |
    grep -vE '^ *(Discovering|Discovered|Starting|Finished): |^=== TEST'
  status=${PIPESTATUS[0]}
  set -e
  if [ ! -s "$xml" ]; then
    echo "tests/$name ended with status $status and left no results"
    failed=$((failed + 1))
    return
  fi
  local p f s
  p=$(($(count passed "$xml"))) f=$(($(count failed "$xml") + $(count errors "$xml"))) s=$(($(count skipped "$xml")))
  [ "$status" -eq 0 ] || [ "$f" -gt 0 ] || f=1
  grep -A1 ' \[SKIP\]$' "$log" | grep -v '^--$' | sed 's/ \[SKIP\]$/:/; s/^ *//' | paste -d ' ' - - >>"$skips" || true
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

need git=git
# Peers and tools that tests compare with: without them a user's run skips those tests and says so.
[ "$(id -u)" -ne 0 ] || need runc=runc newuidmap=uidmap setfattr=attr setfacl=acl skopeo=skopeo
find_sdk
use_roomy_temporary_directory
export SAMPAN_BIN=$root/out/bin

step build ./build.sh || finish
step restore dotnet restore Sampan.slnx -v quiet || finish
step compile dotnet build Sampan.slnx -c Release --no-restore -v quiet -clp:NoSummary || finish
if $whole; then
  step format dotnet format Sampan.slnx --verify-no-changes --no-restore || true
fi
for project in "${projects[@]}"; do
  run_project "$project"
done
finish
