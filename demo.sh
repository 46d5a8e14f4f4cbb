#!/usr/bin/env bash
# Builds Sampan, runs a container of the built-in image (no network needed), and prints what it sees beside what the host sees.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/build/setup.sh"
cd "$root"

[ "$(id -u)" -eq 0 ] || fail "containers are made as root in this version: sudo ./demo.sh"
./build.sh
sampan=$root/out/bin/sampan
place=$(mktemp -d "${TMPDIR:-/tmp}/sampan-demo.XXXXXX")
trap 'rm -rf "$place"' EXIT

# What is looked at, as "heading|command"; every command works in busybox and on a bare Debian.
questions='host name|hostname
user ids known|wc -l </etc/passwd
my process id|sh -c "echo \$\$"
processes|ls /proc | grep -c "^[0-9]"
mounts|wc -l </proc/self/mountinfo
network devices|echo $(ls /sys/class/net)
memory limit, bytes|cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max 2>/dev/null || echo none
cpu time, of 100000 us|cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || cut -d" " -f1 /sys/fs/cgroup/cpu.max 2>/dev/null || echo -1
most processes|cat /sys/fs/cgroup/pids/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids.max 2>/dev/null || echo max
capabilities|grep CapEff /proc/self/status | cut -f2
system call filter|case $(grep "^Seccomp:" /proc/self/status | cut -f2) in 2) echo yes ;; *) echo none ;; esac
directories in /|ls / | wc -l'

script=
while IFS='|' read -r heading command; do
  script+="printf '%s|' '$heading'; { $command; } | head -n 1"$'\n'
done <<<"$(printf '%s\n' "$questions" | sed 's/ 2>\/dev\/null || /\x01/g; s/ || /\x02/g; s/ | /\x03/g')"
script=$(printf '%s' "$script" | sed 's/\x01/ 2>\/dev\/null || /g; s/\x02/ || /g; s/\x03/ | /g')

echo
echo "sampan run --rm --name demo --hostname sampan -m 64m --cpus 0.5 --pids-limit 50 busybox …"
echo
"$sampan" --root "$place" run --rm --name demo --hostname sampan -m 64m --cpus 0.5 --pids-limit 50 busybox sh -c "$script" >"$place/inside"
sh -c "$script" >"$place/outside" 2>/dev/null
printf '%-24s %-32s %s\n' '' 'in the container' 'on the host'
paste -d'|' "$place/inside" "$place/outside" | while IFS='|' read -r heading inside _ outside; do
  case $outside in -1 | max | 9223372036854771712) outside='no limit' ;; esac
  printf '%-24s %-32s %s\n' "$heading" "$inside" "$outside"
done
