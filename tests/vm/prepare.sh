#!/bin/bash
# prepare.sh: makes the machine that run.sh starts, from Debian packages alone: a 6.12 kernel and a small Debian with systemd.
#
# What it leaves (about 1.2 GB) is in $SAMPAN_VM_DIR, by default $XDG_CACHE_HOME/sampan-vm:
#   vmlinux      the kernel, unpacked (QEMU boots it by PVH, which skips the BIOS and the decompression)
#   root.ext4    the root file system; run.sh never writes to it (snapshot=on)
#   stamp        what it was made from; a second call with the same stamp does nothing
# It needs root (debootstrap), no KVM and no loop devices.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
source ./common.sh

kernel_meta=linux-image-6.12-cloud-amd64
packages=systemd,systemd-sysv,dbus,kmod,iproute2,procps,apparmor,busybox-static,uidmap,libseccomp2,jq,runc,crun,util-linux

# Replaces PACKAGE's name by that of the newest image it stands for.
kernel_package() {
  apt-cache depends "$kernel_meta" | sed -n 's/.*Depends: \(linux-image-[^ ]*\)/\1/p' | head -1
}

install_tools() {
  local missing=() tool
  for tool in qemu-system-x86_64:qemu-system-x86 debootstrap:debootstrap depmod:kmod zstd:zstd xz:xz-utils mke2fs:e2fsprogs busybox:busybox-static; do
    command -v "${tool%%:*}" >/dev/null || missing+=("${tool##*:}")
  done
  [ -x /usr/lib/qemu/virtiofsd ] || missing+=(qemu-system-common)
  apt-cache show "$kernel_meta" >/dev/null 2>&1 || apt-get update -qq
  [ ${#missing[@]} -eq 0 ] || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# Number of FORMAT ($1: u1, u4) at OFFSET ($2), WIDTH ($3) bytes, of the bzImage: Documentation/arch/x86/boot.rst names the fields.
header_field() { od -An "-t$1" "-j$2" "-N$3" "$bzimage" | tr -d ' '; }

unpack_kernel() {
  local package=$1 bzimage offset length magic decompress
  rm -rf kernel deb && mkdir -p deb kernel
  (cd deb && apt-get download -qq "$package")
  dpkg -x deb/"${package}"_*.deb kernel
  bzimage=kernel/boot/vmlinuz-${package#linux-image-}
  # The payload starts after the setup sectors (0x1f1) at payload_offset (0x248), and is payload_length (0x24c) bytes.
  offset=$((($(header_field u1 497 1) + 1) * 512 + $(header_field u4 584 4)))
  length=$(header_field u4 588 4)
  dd if="$bzimage" of=payload bs=1M iflag=skip_bytes,count_bytes skip=$offset count="$length" status=none
  magic=$(od -An -tx1 -N4 payload | tr -d ' ')
  case $magic in
    28b52ffd) decompress="zstd -dc" ;;
    fd377a58) decompress="xz -dc --single-stream" ;;
    1f8b*) decompress="gzip -dc" ;;
    *) fail "the kernel's payload starts with $magic, which is no compression this script knows" ;;
  esac
  $decompress <payload >vmlinux 2>/dev/null || true # what follows the stream is the payload's length, which decompressors call garbage
  rm payload
  [ "$(od -An -tx1 -N4 vmlinux | tr -d ' ')" = 7f454c46 ] || fail "the unpacked kernel is not an ELF file"
}

make_root() {
  local version=$1 mirror
  mirror=$(apt-get indextargets --format '$(REPO_URI)' | head -1)
  rm -rf root
  debootstrap --variant=minbase --include="$packages" bookworm root "$mirror" >debootstrap.log 2>&1 ||
    fail "debootstrap failed; its log is $PWD/debootstrap.log"
  rm -rf root/usr/lib/modules/* root/var/cache/apt/archives/*.deb root/var/lib/apt/lists/* root/usr/share/{doc,man,locale}/*
  mkdir -p root/usr/lib/modules
  cp -a "kernel/lib/modules/$version" root/usr/lib/modules/
  find root/usr/lib/modules -name '*.ko.xz' -print0 | xargs -0 -r xz -d -f
  depmod -b root "$version"
}

configure_root() {
  local units=root/etc/systemd/system unit
  install -m 755 "$here/init" root/sbin/sampan-init
  install -m 644 "$here/sampan.service" "$here/sampan.target" $units/
  echo sampan-vm >root/etc/hostname
  echo "127.0.0.1 localhost sampan-vm" >root/etc/hosts
  : >root/etc/fstab
  : >root/etc/machine-id
  mkdir -p root/run/sampan-vm root/applets
  for unit in $(busybox --list); do ln -sf /bin/busybox "root/applets/$unit"; done
  # Under emulation each unit costs tens of milliseconds: what a machine for one command does not need is masked.
  for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \
    systemd-networkd.service systemd-timesyncd.service systemd-random-seed.service systemd-update-utmp.service systemd-pcrphase.service \
    systemd-hwdb-update.service systemd-journal-flush.service systemd-firstboot.service systemd-machine-id-commit.service \
    systemd-udevd.service systemd-udevd-kernel.socket systemd-udevd-control.socket systemd-udev-trigger.service getty@.service \
    systemd-modules-load.service kmod-static-nodes.service systemd-sysusers.service systemd-tmpfiles-setup-dev.service \
    systemd-binfmt.service systemd-remount-fs.service apparmor.service ldconfig.service dev-hugepages.mount \
    proc-sys-fs-binfmt_misc.automount sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount sys-fs-fuse-connections.mount \
    modprobe@configfs.service modprobe@drm.service modprobe@efi_pstore.service modprobe@fuse.service modprobe@dm_mod.service modprobe@loop.service; do
    ln -sfn /dev/null "$units/$unit"
  done
  mkdir -p root/etc/systemd/system-generators
  for unit in root/usr/lib/systemd/system-generators/*; do ln -sfn /dev/null "root/etc/systemd/system-generators/${unit##*/}"; done
}

here=$PWD
[ "$(id -u)" = 0 ] || fail "debootstrap needs root; run tests/vm/prepare.sh as root"
install_tools
package=$(kernel_package)
[ -n "$package" ] || fail "no Debian package $kernel_meta is offered by this machine's apt sources"
mkdir -p "$VM_DIR" && cd "$VM_DIR"
exec 8>lock && flock 8
stamp="$package $(cat "$here"/{prepare.sh,common.sh,init,sampan.service,sampan.target} | sha256sum | cut -d' ' -f1)"
if [ -e stamp ] && [ "$(cat stamp)" = "$stamp" ]; then exit 0; fi
rm -f stamp root.ext4 vmlinux
unpack_kernel "$package"
make_root "${package#linux-image-}"
configure_root
mke2fs -q -t ext4 -O ^has_journal -d root root.ext4 $(($(du -sm root | cut -f1) + 1024))M
rm -rf root kernel deb
echo "$stamp" >stamp
echo "tests/vm: $VM_DIR holds ${package#linux-image-} ($(du -sm . | cut -f1) MB)"
