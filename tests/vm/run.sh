#!/bin/bash
# run.sh [--systemd] [--memory MIB] [--cpus N] [--timeout SECONDS] [--share DIR]... [--console] -- COMMAND [ARG...]
#
# Runs COMMAND in a machine of its own (QEMU, emulated, Linux 6.12) that has cgroup v2 alone, all capabilities, AppArmor, and either a
# plain init or (--systemd) systemd as its first process. The repository is shared at its own path, and so is each DIR.
# Standard output, standard error and the exit status are COMMAND's; its standard input is empty. 125: the machine itself failed.
# --console also prints the machine's console. A trivial command takes about five seconds. Each of its processors uses one of yours; it has one unless --cpus says more.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
source "$here/common.sh"

memory=2048 cpus=1 limit=1200 console= init=/sbin/sampan-init append= shares=("$(readlink -f "$here/../..")")
while [ $# -gt 0 ]; do
  case $1 in
    --systemd)
      init=/lib/systemd/systemd
      append="systemd.unit=sampan.target systemd.show_status=0"
      shift ;;
    --memory) memory=$2; shift 2 ;;
    --cpus) cpus=$2; shift 2 ;;
    --timeout) limit=$2; shift 2 ;;
    --share) shares+=("$(readlink -f "$2")"); shift 2 ;;
    --console) console=1; shift ;;
    --) shift; break ;;
    *) fail "unknown option $1 (the command comes after --)" ;;
  esac
done
[ $# -gt 0 ] || fail "no command given: run.sh [OPTION...] -- COMMAND"
"$here/prepare.sh" >&2

run=$(mktemp -d "${TMPDIR:-/tmp}/sampan-vm.XXXXXX")
pids=()
finish() {
  [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$run"
}
trap finish EXIT
trap 'exit 130' INT TERM

mkdir "$run/share"
printf '%q ' "$@" >"$run/share/cmd"
pwd >"$run/share/cwd"
for name in $(compgen -e | grep '^SAMPAN_' || true); do printf 'export %s=%q\n' "$name" "${!name}"; done >"$run/share/env"

# One virtiofsd for each shared directory: the guest reaches these and nothing else.
devices=()
share() {
  local tag=$1 directory=$2
  /usr/lib/qemu/virtiofsd --socket-path="$run/$tag" -o source="$directory" -o cache=auto -o sandbox=chroot -o xattr -f >"$run/$tag.log" 2>&1 &
  pids+=($!)
  devices+=(-chardev "socket,id=$tag,path=$run/$tag" -device "vhost-user-fs-pci,chardev=$tag,tag=$tag")
}
share run "$run/share"
: >"$run/share/shares"
for i in "${!shares[@]}"; do
  share "s$i" "${shares[$i]}"
  echo "s$i ${shares[$i]}" >>"$run/share/shares"
done
for _ in $(seq 500); do
  [ "$(find "$run" -maxdepth 1 -type s | wc -l)" -gt ${#shares[@]} ] && break
  sleep 0.01
done

kernel="console=ttyS0 quiet panic=-1 root=/dev/nvme0n1 rootfstype=ext4 rootwait rw init=$init mitigations=off nokaslr cryptomgr.notests"
kernel+=" no_timer_check rcupdate.rcu_cpu_stall_timeout=300 initcall_blacklist=jent_mod_init apparmor=1 security=apparmor net.ifnames=0 audit=0 $append"
timeout "$limit" qemu-system-x86_64 -M q35 -accel tcg,thread=multi,tb-size=512 -cpu max,la57=off -m "$memory" -smp "$cpus" \
  -nodefaults -no-user-config -display none -no-reboot \
  -object "memory-backend-memfd,id=memory,size=${memory}M,share=on" -machine memory-backend=memory \
  -kernel "$VM_DIR/vmlinux" -append "$kernel" \
  -chardev "file,id=console,path=$run/console" -serial chardev:console \
  -drive "file=$VM_DIR/root.ext4,if=none,id=root,format=raw,snapshot=on,cache=unsafe" -device nvme,drive=root,serial=root \
  -device virtio-serial-pci \
  -add-fd fd=3,set=1 -chardev file,id=out,path=/dev/fdset/1,append=on -device virtserialport,chardev=out,name=out,nr=1 \
  -add-fd fd=4,set=2 -chardev file,id=err,path=/dev/fdset/2,append=on -device virtserialport,chardev=err,name=err,nr=2 \
  -object rng-random,id=rng,filename=/dev/urandom -device virtio-rng-pci,rng=rng \
  "${devices[@]}" </dev/null 3>&1 4>&2 >"$run/qemu.log" 2>&1 &
pids+=($!)
qemu=0
wait $! || qemu=$?
[ -z "$console" ] || cat "$run/console" >&2
if [ ! -s "$run/share/status" ]; then
  tail -30 "$run/console" "$run/qemu.log" >&2 || true
  fail "the machine ended without a status (QEMU's was $qemu, the limit $limit s)"
fi
exit "$(cat "$run/share/status")"
