#!/bin/bash
# cases.sh RUNTIME plain|systemd: the cases of contract.sh, run inside the machine as root. Not for a machine that anything else uses.
# Each call of the runtime has a minute, so that a case that hangs is a failed case and not a machine that never ends. SAMPAN_CASES names the
# parts to run (life_cycle resources …), for work on one of them.
set -u
runtime=$1 first=$2
here=$(dirname "$(readlink -f "$0")")
work=/var/lib/sampan-contract
state=$work/state
mkdir -p $work/bundle/rootfs $state
cd $work/bundle || exit 1
options=(--root $state)
[ "$first" = plain ] || options+=(--systemd-cgroup)
failures=0

# sampan ARG...: the runtime with this contract's root and cgroup driver.
sampan() { timeout -k 5 60 "$runtime" "${options[@]}" "$@"; }

make_rootfs() {
  local folder applet
  for folder in bin dev etc proc sys tmp run; do mkdir -p rootfs/$folder; done
  cp /bin/busybox rootfs/bin/busybox
  for applet in sh cat echo sleep true id ls dd tail head kill ps env stat readlink mknod seq awk test; do ln -sf busybox rootfs/bin/$applet; done
  echo 'root:x:0:0:root:/:/bin/sh' >rootfs/etc/passwd
  printf '#!/bin/sh\n' >rootfs/etc/plain
  "$runtime" spec
  jq '.process.terminal=false | .process.args=["sleep","1000"] | .root.readonly=false' config.json >base.json
}

# config FILTER: config.json is the base with FILTER (jq) applied. Each container has a cgroup that names it.
config() { jq "${1:-.}" base.json >config.json; }

# check NAME EXPECTED ACTUAL
check() {
  if [ "$2" = "$3" ]; then
    echo "ok $1"
  else
    echo "not ok $1: expected '$2', got '$3'"
    failures=$((failures + 1))
  fi
}

# succeeds NAME COMMAND...
# What the command says goes to a file and not into $(…): a container inherits the standard streams of create and of run --detach, and a
# command substitution waits until the last holder of its pipe has ended.
succeeds() {
  local name=$1 status=0
  shift
  "$@" </dev/null >$work/said 2>&1 || status=$?
  if [ $status -eq 0 ]; then echo "ok $name"; else
    echo "not ok $name: status $status: $(cat $work/said)"
    failures=$((failures + 1))
  fi
}

# refused NAME WORD COMMAND...: it fails, and its message has WORD.
refused() {
  local name=$1 word=$2 status=0
  shift 2
  "$@" </dev/null >$work/said 2>&1 || status=$?
  if [ $status -eq 0 ] || [ $status -eq 124 ]; then
    echo "not ok $name: $([ $status -eq 0 ] && echo "it succeeded" || echo "it hung")"
    failures=$((failures + 1))
  elif ! grep -qi -- "$word" $work/said; then
    echo "not ok $name: no word '$word' in: $(cat $work/said)"
    failures=$((failures + 1))
  else echo "ok $name"; fi
}

status_of() { sampan state "$1" 2>/dev/null | jq -r .status; }

# cgroup_of ID: the directory of the container's cgroup, seen from the machine.
cgroup_of() { echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(sampan state "$1" | jq .pid)/cgroup")"; }

# start ID: a detached container of the present config.json.
start() { sampan run --detach "$1" </dev/null >"$work/$1.out" 2>"$work/$1.err" || cat "$work/$1.err"; }

life_cycle() {
  config
  succeeds "create" sampan create life
  check "created" created "$(status_of life)"
  sampan start life
  check "running" running "$(status_of life)"
  check "exec's output" inside "$(sampan exec life echo inside)"
  sampan exec life sh -c 'exit 42'
  check "exec's exit status" 42 $?
  check "one process" 1 "$(sampan ps --format json life | jq length)"
  sampan pause life
  check "paused" paused "$(status_of life)"
  check "frozen" 1 "$(cat "$(cgroup_of life)/cgroup.freeze")"
  refused "exec in a paused container" paused sampan exec life true
  sampan resume life
  check "resumed" running "$(status_of life)"
  local directory
  directory=$(cgroup_of life)
  sampan kill life KILL
  for _ in $(seq 100); do [ "$(status_of life)" = stopped ] && break; sleep 0.1; done
  check "stopped" stopped "$(status_of life)"
  succeeds "delete" sampan delete life
  check "the cgroup is gone" gone "$([ -d "$directory" ] && echo there || echo gone)"
  check "no state is left" "" "$(ls $state)"
}

exit_codes() {
  config '.process.args=["sh","-c","exit 7"]'
  sampan run code </dev/null
  check "run's exit status" 7 $?
  config '.process.args=["sh","-c","sleep 0.2; kill -9 $$"] | .linux.namespaces |= map(select(.type != "pid"))'
  sampan run signalled </dev/null
  check "128 and the signal" 137 $?
  config '.process.args=["/no/such/program"]'
  refused "a missing program" /no/such/program sampan run missing
  check "nothing is left of it" "" "$(ls $state)"
}

resources() {
  local directory
  config '.linux.resources += {memory:{limit:67108864,reservation:33554432,swap:100663296},cpu:{shares:512,quota:50000,period:100000,cpus:"0"},pids:{limit:32},
    blockIO:{weight:500}, unified:{"memory.high":"50331648"}}'
  start limited
  directory=$(cgroup_of limited)
  check "memory.max" 67108864 "$(cat "$directory/memory.max")"
  check "memory.low" 33554432 "$(cat "$directory/memory.low")"
  check "memory.swap.max is swap less memory" 33554432 "$(cat "$directory/memory.swap.max")"
  check "cpu.max" "50000 100000" "$(cat "$directory/cpu.max")"
  # Only that shares of half the default are less than the default's weight: the formula of the conversion has changed between versions.
  check "cpu.weight is below the default" yes "$([ "$(cat "$directory/cpu.weight")" -lt 100 ] && echo yes)"
  check "cpuset.cpus" 0 "$(cat "$directory/cpuset.cpus")"
  check "pids.max" 32 "$(cat "$directory/pids.max")"
  check "a unified key" 50331648 "$(cat "$directory/memory.high")"
  succeeds "update" sampan update --memory 134217728 --memory-swap 134217728 --pids-limit 64 --cpu-quota 25000 limited
  check "memory.max after update" 134217728 "$(cat "$directory/memory.max")"
  check "memory.swap.max after update" 0 "$(cat "$directory/memory.swap.max")"
  check "pids.max after update" 64 "$(cat "$directory/pids.max")"
  check "cpu.max after update" "25000 100000" "$(cat "$directory/cpu.max")"
  echo '{"pids":{"limit":20}}' | sampan update --resources - limited
  check "pids.max after an update from standard input" 20 "$(cat "$directory/pids.max")"
  check "events --stats: the memory limit" 134217728 "$(sampan events --stats limited | jq .data.memory.usage.limit)"
  check "events --stats: the processes' limit" 20 "$(sampan events --stats limited | jq .data.pids.limit)"
  check "exec joins the cgroup" "$(sed -n 's/^0:://p' "/proc/$(sampan state limited | jq .pid)/cgroup")" "$(sampan exec limited sh -c 'sleep 3 & read -r a < /proc/$!/stat; echo started' >/dev/null; p=$(sampan ps --format json limited | jq '.[0]'); sed -n 's/^0:://p' "/proc/$p/cgroup")"
  succeeds "delete --force of a running container" sampan delete --force limited
  check "its cgroup is gone" gone "$([ -d "$directory" ] && echo there || echo gone)"
}

out_of_memory() {
  config '.process.args=["tail","-c","100000000","/dev/zero"] | .linux.resources.memory={limit:16777216,swap:16777216}'
  sampan run greedy </dev/null
  check "a process over the memory limit is killed" 137 $?
}

devices() {
  local number major minor
  number=$(cat /sys/block/nvme0n1/dev) major=${number%:*} minor=${number#*:}
  local open="[\"sh\",\"-c\",\"head -c 1 /dev/zero >/tmp/z && rm -f /tmp/disk && mknod /tmp/disk b $major $minor && head -c 1 /tmp/disk >/tmp/z && echo opened\"]"
  config ".process.args=$open | .process.capabilities |= map_values(. + [\"CAP_MKNOD\"])"
  refused "a device outside the list" "/tmp/disk: Operation not permitted" sampan run device
  config ".process.args=$open | .process.capabilities |= map_values(. + [\"CAP_MKNOD\"])
    | .linux.resources.devices += [{allow:true,type:\"b\",major:$major,minor:$minor,access:\"rm\"}]"
  check "a device that is allowed" opened "$(sampan run allowed </dev/null 2>&1)"
  config
  start denied
  sampan exec denied true
  echo '{"devices":[{"allow":false,"access":"rwm"}]}' | sampan update --resources - denied 2>/dev/null
  succeeds "a container lives through an update of its devices" sampan exec denied true
  sampan delete --force denied
}

process() {
  config '.process.args=["sh","-c","ulimit -Hn; ulimit -Sn"] | .process.rlimits=[{type:"RLIMIT_NOFILE",hard:2000000,soft:1500}]'
  if [ "$(cat /proc/sys/fs/nr_open)" -ge 2000000 ]; then :; else echo 2000000 >/proc/sys/fs/nr_open; fi
  check "limits are raised above the caller's" "2000000 1500" "$(sampan run limits </dev/null 2>&1 | tr '\n' ' ' | sed 's/ $//')"
  config '.process.args=["cat","/proc/uptime"] | .linux.namespaces += [{type:"time"}] | .linux.timeOffsets={monotonic:{secs:100000},boottime:{secs:7000000}}'
  check "the time namespace has its offset" yes "$(sampan run time </dev/null 2>&1 | awk '{print ($1 + 0 > 7000000) ? "yes" : "no: " $0}')"
  config '.process.args=["cat","/proc/self/oom_score_adj"] | .process.oomScoreAdj=-500'
  check "a lower OOM score" -500 "$(sampan run score </dev/null 2>&1)"
  config '.process.args=["sh","-c","id -u; cat /proc/self/uid_map"] | .linux.namespaces += [{type:"user"}]
    | .linux.uidMappings=[{containerID:0,hostID:100000,size:65536}] | .linux.gidMappings=.linux.uidMappings'
  chown 100000:100000 rootfs
  check "a user namespace" "0 0 100000 65536" "$(sampan run user </dev/null 2>&1 | xargs)"
  chown 0:0 rootfs
  config '.process.args=["cat","/proc/self/cgroup"] | .linux.namespaces += [{type:"cgroup"}]'
  check "a cgroup namespace hides the path" "0::/" "$(sampan run hidden </dev/null 2>&1)"
  config '.process.args=["sh","-c","cat /sys/fs/cgroup/pids.max"] | .linux.namespaces += [{type:"cgroup"}] | .linux.resources.pids={limit:17}
    | .mounts += [{destination:"/sys/fs/cgroup",type:"cgroup",source:"cgroup",options:["nosuid","noexec","nodev","relatime","ro"]}]'
  check "the cgroup mount shows the container's limits" 17 "$(sampan run mounted </dev/null 2>&1)"
}

under_systemd() {
  [ "$first" = systemd ] || return 0
  config '.linux.cgroupsPath="machine.slice:sampan:scoped" | .linux.resources.memory={limit:67108864} | .linux.resources.pids={limit:33}
    | .linux.resources.cpu={quota:50000,period:100000}'
  start scoped
  check "the scope is systemd's" active "$(systemctl is-active sampan-scoped.scope)"
  check "in its slice" machine.slice "$(systemctl show -p Slice --value sampan-scoped.scope)"
  check "systemd knows the memory limit" 67108864 "$(systemctl show -p MemoryMax --value sampan-scoped.scope)"
  check "systemd knows the processes' limit" 33 "$(systemctl show -p TasksMax --value sampan-scoped.scope)"
  check "systemd knows the quota" 500ms "$(systemctl show -p CPUQuotaPerSecUSec --value sampan-scoped.scope)"
  succeeds "update of a scope" sampan update --pids-limit 44 scoped
  check "systemd knows the new limit" 44 "$(systemctl show -p TasksMax --value sampan-scoped.scope)"
  succeeds "a reload of systemd" systemctl daemon-reload
  check "limits hold over a reload" 44 "$(cat "$(cgroup_of scoped)/pids.max")"
  sampan delete --force scoped
  for _ in $(seq 50); do [ "$(systemctl is-active sampan-scoped.scope)" = inactive ] && break; sleep 0.1; done
  check "the scope is gone" inactive "$(systemctl is-active sampan-scoped.scope)"
}

source "$here/kernel-cases.sh"
source "$here/rootless-cases.sh"

make_rootfs
for part in ${SAMPAN_CASES:-life_cycle exit_codes resources out_of_memory devices process security_labels block_io huge_pages rdma pressure scheduling rootless under_systemd}; do
  $part
done
check "no cgroup of a container is left" "" "$(find /sys/fs/cgroup -type d \( -name '*limited*' -o -name '*greedy*' -o -name '*device*' -o -name '*life*' \) | head -1)"
exit $((failures > 0))
