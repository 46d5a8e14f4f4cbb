#!/usr/bin/env bash
# Pull, push, save and load of one image of seven layers, beside docker, podman, ctr and skopeo with umoci, each with a fresh root for each round. Of docker and ctr
# the command is the client alone: their CPU and memory are the daemon's. ROUNDS (3), ENGINES.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/start.sh"
. bench/lib/image.sh
. bench/lib/engines.sh
need dockerd=docker.io podman=podman containerd=containerd skopeo=skopeo umoci=umoci docker-registry=docker-registry curl=curl ip=iproute2 unshare=util-linux
make_image
trap clean_up_engines EXIT
[ -n "${SAMPAN_BENCH_NET:-}" ] || SAMPAN_BENCH_NET=1 exec unshare --net "$0"
in_private_view "$0"
ip link set lo up
rounds=${ROUNDS:-3}
read -ra engines <<<"${ENGINES:-sampan docker podman ctr skopeo+umoci}"
source=127.0.0.1:5055/bench/debian:seven

# pull ENGINE DIRECTORY: as one command line.
pull() {
  case $1 in
    sampan) echo "$root/out/bin/sampan --root $2 pull -q $source" ;;
    docker) start_docker "$2" && command="$docker pull -q $source" ;;
    podman) echo "$(podman_in "$2") pull -q --tls-verify=false $source" ;;
    ctr) start_containerd "$2" && command="$ctr images pull --plain-http $source" ;;
    skopeo+umoci) echo "mkdir -p $2 && skopeo copy -q --src-tls-verify=false docker://$source oci:$2/layout:seven && umoci unpack --image $2/layout:seven $2/bundle" ;;
  esac
}

# push ENGINE DIRECTORY: to an empty registry.
push() {
  local target=127.0.0.1:5056/bench/debian:seven
  case $1 in
    sampan) echo "$root/out/bin/sampan --root $2 push -q $source $target" ;;
    docker) echo "$docker tag $source $target && $docker push -q $target" ;;
    podman) echo "$(podman_in "$2") push -q --tls-verify=false $source $target" ;;
    ctr) echo "$ctr images push --plain-http $target $source" ;;
    skopeo+umoci) echo "skopeo copy -q --dest-tls-verify=false oci:$2/layout:seven docker://$target" ;;
  esac
}

save() {
  case $1 in
    sampan) echo "$root/out/bin/sampan --root $2 save -o $2.tar $source" ;;
    docker) echo "$docker save -o $2.tar $source" ;;
    podman) echo "$(podman_in "$2") save -q -o $2.tar $source" ;;
    ctr) echo "$ctr images export $2.tar $source" ;;
    skopeo+umoci) echo "skopeo copy -q oci:$2/layout:seven docker-archive:$2.tar:bench:seven" ;;
  esac
}

load() {
  case $1 in
    sampan) echo "$root/out/bin/sampan --root $2 load -q -i $3" ;;
    docker) start_docker "$2" && command="$docker load -q -i $3" ;;
    podman) echo "$(podman_in "$2") load -q -i $3" ;;
    ctr) start_containerd "$2" && command="$ctr images import $3" ;;
    skopeo+umoci) echo "mkdir -p $2 && skopeo copy -q docker-archive:$3 oci:$2/layout:seven && umoci unpack --image $2/layout:seven $2/bundle" ;;
  esac
}

start_registry 5055 "$work/registry"
skopeo copy -q --dest-tls-verify=false "oci:$layout:bench" "docker://$source"
for ((round = 0; round < rounds; round++)); do
  order=("${engines[@]:$((round % ${#engines[@]}))}" "${engines[@]:0:$((round % ${#engines[@]}))}")
  for engine in "${order[@]}"; do
    directory=$work/$engine-$round
    # In this shell where a daemon is started: its number must be known here.
    command=
    case $engine in docker | ctr) pull "$engine" "$directory" ;; *) command=$(pull "$engine" "$directory") ;; esac
    timed pull "$engine" "$command"
    start_registry 5056 "$work/target-$engine-$round"
    timed push "$engine" "$(push "$engine" "$directory")"
    timed save "$engine" "$(save "$engine" "$directory")"
    stop_daemons 1
    case $engine in docker | ctr) load "$engine" "$directory-loaded" "$directory.tar" ;; *) command=$(load "$engine" "$directory-loaded" "$directory.tar") ;; esac
    timed load "$engine" "$command"
    stop_daemons 1
  done
done
size=$(du -sm "$layout/blobs" | cut -f1)
timed_table "pull of $size MB in seven layers, unpacked" pull "${engines[@]}"
timed_table 'push to an empty registry' push "${engines[@]}"
timed_table 'save to an archive' save "${engines[@]}"
timed_table 'load of what it saved, unpacked' load "${engines[@]}"

rounds=${ROUNDS:-10}
measure present "sampan=$root/out/bin/sampan --root $work/sampan-0 pull -q $source" "podman=$(podman_in "$work/podman-0") pull -q --tls-verify=false $source"
table 'pull of an image that is there' present podman sampan podman
