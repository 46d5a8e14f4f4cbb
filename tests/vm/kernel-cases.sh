# kernel-cases.sh: cases of contract.sh for what the build machine's kernel may lack. Sourced by cases.sh.

security_labels() {
  printf '%s\n' 'profile sampan-contract flags=(attach_disconnected) { file, signal, capability, unix, deny /etc/plain rwx, }' \
    'profile sampan-contract-exec flags=(attach_disconnected) { file, signal, capability, unix, }' | apparmor_parser -r -K
  config '.process.args=["sh","-c","cat /proc/self/attr/current; cat /etc/plain"] | .process.apparmorProfile="sampan-contract"'
  local said
  said=$(sampan run confined </dev/null 2>&1)
  check "the AppArmor profile is in force" "sampan-contract (enforce)" "$(head -1 <<<"$said")"
  check "and denies" yes "$(grep -q 'Permission denied' <<<"$said" && echo yes)"
  config '.process.noNewPrivileges=true | .process.apparmorProfile="sampan-contract" | .process.args=["cat","/proc/self/attr/current"]'
  check "the profile under noNewPrivileges" "sampan-contract (enforce)" "$(sampan run confined </dev/null 2>&1)"
  config '.process.apparmorProfile="sampan-contract"'
  start labelled
  check "exec has the container's profile" "sampan-contract (enforce)" "$(sampan exec labelled cat /proc/self/attr/current)"
  check "exec --apparmor has its own" "sampan-contract-exec (enforce)" "$(sampan exec --apparmor sampan-contract-exec labelled cat /proc/self/attr/current)"
  refused "exec with an unknown profile" sampan-no-such-profile sampan exec --apparmor sampan-no-such-profile labelled true
  sampan delete --force labelled
  config '.process.apparmorProfile="sampan-no-such-profile"'
  refused "an unknown AppArmor profile" sampan-no-such-profile sampan run unknown
  config '.process.selinuxLabel="system_u:system_r:container_t:s0"'
  refused "an SELinux label without SELinux" "SELinux is not enabled" sampan run selinux
  config '.linux.mountLabel="system_u:object_r:container_file_t:s0"'
  refused "a mount label without SELinux" "SELinux is not enabled" sampan run selinux
  check "no state is left of what was refused" "" "$(ls $state)"
}

# The weights of two controllers: io.cost has io.weight from the start, BFQ its own file once a disk is scheduled by it.
block_io() {
  local disk=nvme0n1 number directory
  number=$(cat /sys/block/$disk/dev)
  config ".linux.resources.blockIO={weight:500, throttleReadBpsDevice:[{major:${number%:*},minor:${number#*:},rate:1048576}],
    throttleWriteIOPSDevice:[{major:${number%:*},minor:${number#*:},rate:120}]}
    | .linux.resources.devices += [{allow:true,type:\"b\",major:${number%:*},minor:${number#*:},access:\"r\"}]"
  start throttled
  directory=$(cgroup_of throttled)
  check "io.max" "$number rbps=1048576 wbps=max riops=max wiops=120" "$(cat "$directory/io.max")"
  check "io.weight, converted" "default 4950" "$(head -1 "$directory/io.weight")"
  local before after
  # Reading 3 MiB of the disk at 1 MiB a second, by a process of the host in the container's cgroup.
  before=$(date +%s%N)
  sh -c "echo \$\$ >$directory/cgroup.procs && exec dd if=/dev/$disk of=/dev/null bs=1M count=3 iflag=direct status=none"
  after=$(date +%s%N)
  check "the read limit holds" yes "$([ $((after - before)) -ge 1500000000 ] && echo yes || echo "$(((after - before) / 1000000)) ms")"
  check "events --stats counts what was read" yes \
    "$(sampan events --stats throttled | jq -r '[.data.blkio.ioServiceBytesRecursive[]? | select(.op=="Read").value] | if (add // 0) >= 3145728 then "yes" else . end')"
  succeeds "update of a throttle" sh -c "printf '%s' '{\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":${number%:*},\"minor\":${number#*:},\"rate\":2097152}]}}' >$work/update.json && timeout 60 '$runtime' ${options[*]} update --resources $work/update.json throttled"
  check "io.max after the update" 2097152 "$(grep -o 'rbps=[0-9]*' "$directory/io.max" | cut -d= -f2)"
  sampan delete --force throttled
  config '.linux.resources.blockIO={throttleReadBpsDevice:[{major:240,minor:77,rate:1000}]}'
  refused "a throttle of no device" "no block device of that number" sampan run nodevice
  modprobe bfq && echo bfq >/sys/block/$disk/queue/scheduler
  config ".linux.resources.blockIO={weight:300, weightDevice:[{major:${number%:*},minor:${number#*:},weight:700}]}"
  start weighed
  directory=$(cgroup_of weighed)
  check "io.bfq.weight, as it is" "default 300" "$(head -1 "$directory/io.bfq.weight")"
  check "io.bfq.weight of a disk" "$number 700" "$(sed -n 2p "$directory/io.bfq.weight")"
  sampan delete --force weighed
  echo none >/sys/block/$disk/queue/scheduler
}

huge_pages() {
  local directory
  echo 8 >/proc/sys/vm/nr_hugepages
  config '.linux.resources.hugepageLimits=[{pageSize:"2MB",limit:4194304}]'
  start huge
  directory=$(cgroup_of huge)
  check "hugetlb.2MB.max" 4194304 "$(cat "$directory/hugetlb.2MB.max")"
  check "hugetlb.2MB.rsvd.max" 4194304 "$(cat "$directory/hugetlb.2MB.rsvd.max")"
  check "events --stats has the size" true "$(sampan events --stats huge | jq '.data.hugetlb | has("2MB")')"
  sampan delete --force huge
  config '.linux.resources.hugepageLimits=[{pageSize:"3MB",limit:4194304}]'
  refused "a size that the kernel has not" "no huge pages of this size" sampan run nosize
  echo 0 >/proc/sys/vm/nr_hugepages
}

# The kernel has the controller and no device: a limit for one that is not there is what can be tried.
rdma() {
  modprobe ib_core 2>/dev/null || true
  config '.linux.resources.rdma={"mlx5_7":{hcaHandles:3,hcaObjects:10000}}'
  refused "RDMA limits of no device" "rdma" sampan run norma
  config '.linux.resources.unified={"rdma.max":"mlx5_7 hca_handle=3"}'
  refused "the same by a unified key" "rdma.max" sampan run norma
  check "nothing is left of them" "" "$(ls $state)"
}

pressure() {
  local said
  config
  start pressed
  said=$(sampan events --stats pressed)
  check "events --stats: pressure of CPU, memory and IO" "number number number" "$(jq -r '[.data.cpu, .data.memory, .data.blkio] | map(.psi.some.total | type) | join(" ")' <<<"$said")"
  check "its averages" "number number number" "$(jq -r '.data.memory.psi.full | [.avg10, .avg60, .avg300] | map(type) | join(" ")' <<<"$said")"
  # A process that is held to a twentieth of a processor waits for it.
  sampan update --cpu-period 100000 --cpu-quota 5000 pressed
  sampan exec --detach pressed sh -c 'while :; do :; done'
  sleep 3
  check "a starved container's pressure grows" yes "$(sampan events --stats pressed | jq -r 'if .data.cpu.psi.some.total > 100000 then "yes" else .data.cpu.psi end')"
  check "and the times it was throttled" yes "$(sampan events --stats pressed | jq -r 'if .data.cpu.throttling.throttledPeriods > 3 then "yes" else .data.cpu.throttling end')"
  sampan delete --force pressed
}

scheduling() {
  local pid
  config '.process.scheduler={policy:"SCHED_FIFO",priority:7} | .process.ioPriority={class:"IOPRIO_CLASS_BE",priority:6} | .process.oomScoreAdj=-300'
  start fifo
  pid=$(sampan state fifo | jq .pid)
  check "a real-time scheduler" "SCHED_FIFO 7" "$(chrt -p "$pid" | sed 's/.*: //' | xargs)"
  check "an IO priority" "best-effort: prio 6" "$(ionice -p "$pid")"
  sampan delete --force fifo
  config '.process.scheduler={policy:"SCHED_DEADLINE",runtime:10000000,deadline:100000000,period:100000000}'
  start deadline
  check "a deadline scheduler" SCHED_DEADLINE "$(chrt -p "$(sampan state deadline | jq .pid)" | sed -n '1s/.*: //p')"
  sampan delete --force deadline
  config '.process.args=["sh","-c","grep -c bind=static:0 /proc/self/numa_maps"] | .linux.memoryPolicy={mode:"MPOL_BIND",nodes:"0",flags:["MPOL_F_STATIC_NODES"]}'
  check "a memory policy" yes "$(sampan run policy </dev/null 2>&1 | tail -1 | awk '{print ($1 > 0) ? "yes" : "none"}')"
}
