#!/usr/bin/env bash
# `images` with 500 images, beside docker and podman. IMAGES (500), ROUNDS (10), ENGINES.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/start.sh"
. bench/lib/engines.sh
need dockerd=docker.io podman=podman ip=iproute2 unshare=util-linux
trap clean_up_engines EXIT
[ -n "${SAMPAN_BENCH_NET:-}" ] || SAMPAN_BENCH_NET=1 exec unshare --net "$0"
in_private_view "$0"
ip link set lo up
rounds=${ROUNDS:-10} count=${IMAGES:-500}
read -ra engines <<<"${ENGINES:-sampan docker podman}"
mkdir "$work/files"
pairs=()
for engine in "${engines[@]}"; do
  case $engine in
    sampan) client="$root/out/bin/sampan --root $work/sampan" ;;
    docker) start_docker "$work/docker" && client=$docker ;;
    podman) client=$(podman_in "$work/podman") ;;
  esac
  for ((i = 0; i < count; i++)); do
    echo "$i" >"$work/files/number"
    tar -C "$work/files" -c number | $client import - "bench/image-$i:1" >/dev/null 2>&1
  done
  [ "$($client images -q | wc -l)" -eq "$count" ] || fail "$engine does not list $count images"
  pairs+=("$engine=$client images")
done
measure images "${pairs[@]}"
table "images, of which there are $count" images "${engines[-1]}" "${engines[@]}"
