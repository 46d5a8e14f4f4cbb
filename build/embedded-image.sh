#!/bin/sh
# embedded-image.sh OUTPUT: packs Debian's busybox-static into the default image, an OCI layout in a tar archive. The same busybox gives the same bytes.
set -eu
export LC_ALL=C
umask 022
output=$1
busybox=$(command -v busybox) || { echo "embedded-image.sh: busybox is missing; install busybox-static" >&2; exit 1; }
work=$(mktemp -d "${TMPDIR:-/tmp}/sampan-image.XXXXXX")
trap 'rm -rf "$work"' EXIT

root=$work/root
mkdir -p "$root/bin" "$root/etc" "$root/root" "$root/tmp" "$root/home" "$root/usr/bin" "$root/usr/sbin" "$root/sbin" "$root/var/spool" "$root/var/www" "$root/dev" "$root/proc" "$root/sys"
chmod 1777 "$root/tmp"
chmod 0700 "$root/root"
cp "$busybox" "$root/bin/busybox"
chmod 0755 "$root/bin/busybox"
for applet in $("$busybox" --list); do
  [ "$applet" = busybox ] || ln -s /bin/busybox "$root/bin/$applet"
done
cat >"$root/etc/passwd" <<'END'
root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
END
cat >"$root/etc/group" <<'END'
root:x:0:
daemon:x:1:
tty:x:5:
www-data:x:33:
users:x:100:
nogroup:x:65534:
END
printf 'NAME="Sampan busybox"\nID=busybox\nPRETTY_NAME="busybox, from Debian"\n' >"$root/etc/os-release"

layout=$work/layout
mkdir -p "$layout/blobs/sha256"
tar_all() { tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=ustar "$@"; }
tar_all -C "$root" -cf "$work/layer.tar" .
# put FILE: stores a file by its digest and prints that.
put() {
  digest=$(sha256sum "$1" | cut -d' ' -f1)
  cp "$1" "$layout/blobs/sha256/$digest"
  echo "$digest"
}
diff_id=$(sha256sum "$work/layer.tar" | cut -d' ' -f1)
gzip -n -9 -c "$work/layer.tar" >"$work/layer.tar.gz"
layer=$(put "$work/layer.tar.gz")
case $(uname -m) in aarch64) machine=arm64 ;; *) machine=amd64 ;; esac
cat >"$work/config.json" <<END
{"architecture":"$machine","os":"linux","config":{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"Cmd":["sh"]},"rootfs":{"type":"layers","diff_ids":["sha256:$diff_id"]}}
END
config=$(put "$work/config.json")
size() { stat -c %s "$layout/blobs/sha256/$1"; }
cat >"$work/manifest.json" <<END
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:$config","size":$(size "$config")},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:$layer","size":$(size "$layer")}]}
END
manifest=$(put "$work/manifest.json")
cat >"$layout/index.json" <<END
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:$manifest","size":$(size "$manifest"),"annotations":{"org.opencontainers.image.ref.name":"latest"}}]}
END
printf '{"imageLayoutVersion":"1.0.0"}' >"$layout/oci-layout"
mkdir -p "$(dirname "$output")"
tar_all -C "$layout" -cf "$output.new" .
mv "$output.new" "$output"
