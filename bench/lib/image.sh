# Sourced: the image that pulls, pushes, saves and loads move. Seven layers of Debian, 300 to 400 MB compressed, made once and kept in
# ${XDG_CACHE_HOME:-~/.cache}/sampan-bench: making it takes minutes, and removing it between two measurements would slow the next one down (ext4 looks for
# inodes that were freed in the last minutes before it takes one).
image_cache=${XDG_CACHE_HOME:-$HOME/.cache}/sampan-bench
layout=$image_cache/debian-seven-layers
image_stages=(
  "ca-certificates curl git"
  "python3 python3-pip"
  "build-essential"
  "cmake gdb"
  "postgresql vim"
)

# make_image: the OCI layout $layout with the tag bench.
make_image() {
  [ ! -e "$layout/complete" ] || return 0
  need debootstrap=debootstrap umoci=umoci
  echo "making the image of seven layers: some minutes, once" >&2
  local mirror stage i=0 lower= merged=$work/merged
  mirror=$(apt-get indextargets --format '$(REPO_URI)' | head -n 1)
  rm -rf "$layout"
  mkdir -p "$image_cache" "$merged"
  umoci init --layout "$layout"
  umoci new --image "$layout:bench"
  for stage in base "${image_stages[@]}" last; do
    local upper=$work/stage-$i
    mkdir -p "$upper"
    if [ "$stage" = base ]; then
      debootstrap --variant=minbase bookworm "$upper" "$mirror" >"$work/debootstrap.log" 2>&1 || { tail -n 5 "$work/debootstrap.log" >&2; fail "debootstrap failed"; }
      # The machine's own way to its packages.
      rm -f "$upper/etc/apt/sources.list"
      cp -a /etc/apt/sources.list* /etc/apt/apt.conf.d /etc/apt/auth.conf.d /etc/apt/trusted.gpg.d "$upper/etc/apt/" 2>/dev/null || true
      printf '#!/bin/sh\nexit 101\n' >"$upper/usr/sbin/policy-rc.d" && chmod 755 "$upper/usr/sbin/policy-rc.d"
    else
      mkdir -p "$work/overlay-$i"
      mount -t overlay -o "lowerdir=$lower,upperdir=$upper,workdir=$work/overlay-$i" sampan-bench "$merged"
      if [ "$stage" = last ]; then
        head -c 100000 /dev/urandom >"$merged/etc/last"
      else
        cp /etc/resolv.conf "$merged/etc/resolv.conf"
        chroot "$merged" sh -c "apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $stage && rm -rf /var/lib/apt/lists/* && apt-get clean" \
          >"$work/stage.log" 2>&1 || { tail -n 5 "$work/stage.log" >&2; umount "$merged"; fail "apt-get in the image failed: $stage"; }
      fi
      umount "$merged"
    fi
    # What these stages delete is cache alone: overlayfs's marks of it are left out.
    (cd "$upper" && find . -type c -prune -o -print0) | tar -C "$upper" --null --no-recursion --numeric-owner --xattrs -T - -cf "$work/layer.tar"
    umoci raw add-layer --image "$layout:bench" "$work/layer.tar"
    lower=$upper${lower:+:$lower}
    i=$((i + 1))
  done
  umoci gc --layout "$layout"
  touch "$layout/complete"
}
