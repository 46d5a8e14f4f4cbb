#!/usr/bin/env bash
# What a person waits for: `run --rm --network none` of true, and `exec`, beside docker and podman with the same busybox.
# dockerd runs in a network namespace of its own: without a bridge it would delete docker0, even one that belongs to another daemon.
set -euo pipefail
candidates_of_engines="sampan docker podman"
. "$(dirname "${BASH_SOURCE[0]}")/lib/start.sh"
need dockerd=docker.io podman=podman unshare=util-linux ip=iproute2
read -ra engines <<<"${ENGINES:-$candidates_of_engines}"
daemon=

stop_all() {
  local status=$?
  set +e
  $sampan rm -f bench >/dev/null 2>&1
  [ ! -d "$work/podman" ] || $podman rm -f -t 0 bench >/dev/null 2>&1
  [ ! -S "$work/docker.sock" ] || $docker rm -f bench >/dev/null 2>&1
  if [ -n "$daemon" ]; then
    kill "$daemon"
    wait "$daemon"
  fi
  umount -R -l "$work/docker" "$work/podman" 2>/dev/null
  (exit $status)
  clean_up
}
declare -A command=()
sampan="$root/out/bin/sampan --root $work/sampan"
docker="docker -H unix://$work/docker.sock"
podman="podman --root $work/podman --runroot $work/podman-run --cgroup-manager cgroupfs --events-backend file --storage-driver overlay"
trap stop_all EXIT
[ -n "${SAMPAN_BENCH_NET:-}" ] || SAMPAN_BENCH_NET=1 exec unshare --net "$0"
in_private_view "$0"
ip link set lo up

make_bundle "$work/bundle" / /bin/true
tar -C "$work/bundle/rootfs" -cf "$work/rootfs.tar" .
limits="--cgroup-parent /$cgroup --ulimit nofile=1024:1024 --ulimit nproc=4000:4000"
for engine in "${engines[@]}"; do
  case $engine in
    sampan) command[sampan]="$sampan run --rm --network none busybox true" ;;
    docker)
      dockerd -H "unix://$work/docker.sock" --data-root "$work/docker" --exec-root "$work/docker-run" --pidfile "$work/docker.pid" \
        --cgroup-parent "/$cgroup" --bridge none --iptables=false --ip-forward=false >"$work/dockerd.log" 2>&1 &
      daemon=$!
      for ((i = 0; i < 300; i++)); do $docker version >/dev/null 2>&1 && break || sleep 0.1; done
      $docker import "$work/rootfs.tar" bench >/dev/null 2>&1 || { tail -n 5 "$work/dockerd.log" >&2; fail "dockerd did not start"; }
      command[docker]="$docker run --rm --network none bench true" ;;
    podman)
      $podman import "$work/rootfs.tar" bench >/dev/null 2>&1
      command[podman]="$podman run --rm --network none $limits bench true" ;;
  esac
  ${command[$engine]} >/dev/null || fail "$engine cannot run: ${command[$engine]}"
done

rounds=${ROUNDS:-5} runs=${RUNS:-3}
pairs=()
for engine in "${engines[@]}"; do pairs+=("$engine=${command[$engine]}"); done
measure engine "${pairs[@]}"
table 'run --rm --network none IMAGE true' engine "${engines[-1]}" "${engines[@]}"

pairs=()
for engine in "${engines[@]}"; do
  case $engine in
    sampan) $sampan run -d --network none --name bench busybox sleep 3600 >/dev/null ;;
    docker) $docker run -d --network none --name bench bench sleep 3600 >/dev/null ;;
    podman) $podman run -d --network none $limits --name bench bench sleep 3600 >/dev/null ;;
  esac
  declare -n client=$engine
  pairs+=("$engine=$client exec bench true")
done
measure engine-exec "${pairs[@]}"
table 'exec CONTAINER true' engine-exec "${engines[-1]}" "${engines[@]}"
