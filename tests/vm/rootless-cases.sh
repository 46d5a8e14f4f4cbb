# rootless-cases.sh: cases of contract.sh for an ordinary user, without any privilege and with newuidmap(1). Sourced by cases.sh.

user=sampan-test

# as_user ARG...: the runtime, run by the user with a root of its own.
as_user() { in_home timeout -k 5 60 "$runtime" --root "/run/user/$uid/sampan" "$@"; }

in_home() { runuser -u $user -- env HOME=/home/$user XDG_RUNTIME_DIR="/run/user/$uid" sh -c 'cd ~/bundle && exec "$@"' sh "$@"; }

# user_config FILTER: config.json of the user's bundle, with FILTER (jq) applied to `spec --rootless`.
user_config() { jq "${1:-.}" /home/$user/bundle/base.json >/home/$user/bundle/config.json; }

make_user() {
  useradd -m -s /bin/sh $user
  uid=$(id -u $user)
  grep -q "^$user:" /etc/subuid || printf '%s:100000:65536\n' $user | tee -a /etc/subuid >>/etc/subgid
  first_id=$(sed -n "s/^$user:\([0-9]*\):.*/\1/p" /etc/subuid)
  install -d -o $user -g $user -m 700 "/run/user/$uid" /home/$user/bundle
  cp -a rootfs /home/$user/bundle/rootfs
  chown -R $user:$user /home/$user/bundle
  (cd / && as_user spec --rootless)
  jq '.process.terminal=false | .process.args=["sleep","1000"] | .root.readonly=false | .process.capabilities |= map_values(. + ["CAP_CHOWN"])' /home/$user/bundle/config.json >/home/$user/bundle/base.json
}

# ranges: the user is root inside, and has the range of /etc/subuid beside.
ranges=".linux.uidMappings=[{containerID:0,hostID:UID,size:1},{containerID:1,hostID:FIRST,size:65535}] | .linux.gidMappings=.linux.uidMappings"

rootless() {
  [ "$first" = plain ] || return 0 # under systemd a user's scopes need a session and its bus, which this machine for one command has not
  local uid first_id said
  make_user
  user_config '.process.args=["sh","-c","id -u; cat /proc/self/uid_map; cat /proc/self/setgroups"]'
  said=$(as_user run own </dev/null 2>&1 | xargs)
  check "rootless: one's own id alone" "0 0 $uid 1 deny" "$said"
  ranges=${ranges//UID/$uid} ranges=${ranges//FIRST/$first_id}
  user_config "$ranges | .process.args=[\"sh\",\"-c\",\"id -u; cat /proc/self/uid_map; touch /tmp/mine /tmp/other && busybox chown 7:7 /tmp/other\"]"
  said=$(as_user run ranges </dev/null 2>&1 | xargs)
  check "rootless: newuidmap maps the range" "0 0 $uid 1 1 $first_id 65535" "$said"
  check "what root inside makes is the user's" "$uid" "$(stat -c %u /home/$user/bundle/rootfs/tmp/mine)"
  check "what is given away inside has an id of the range" "$((first_id + 6))" "$(stat -c %u /home/$user/bundle/rootfs/tmp/other)"
  user_config "$ranges | .process.user={uid:5,gid:6,additionalGids:[8]} | .process.args=[\"id\"]"
  check "rootless: another user of the range" "uid=5 gid=6 groups=8" "$(as_user run other </dev/null 2>&1 | sed 's/groups=6,8/groups=8/')"
  user_config "$ranges | .linux.uidMappings[1] += {hostID:2,size:500}"
  refused "ids that /etc/subuid does not give" /etc/subuid as_user run stolen
  rootless_life
  rootless_limits
  check "no state of the user is left" "" "$(ls "/run/user/$uid/sampan")"
}

rootless_life() {
  user_config "$ranges"
  succeeds "rootless: create" as_user create life
  succeeds "rootless: start" as_user start life
  check "rootless: state" running "$(as_user state life | jq -r .status)"
  check "rootless: exec" 0 "$(as_user exec life id -u)"
  check "rootless: devices are the host's" "1:3" "$(as_user exec life stat -c %t:%T /dev/null)"
  check "rootless: root inside may not read the host's shadow" no "$(as_user exec life cat /proc/1/root/etc/shadow >/dev/null 2>&1 && echo yes || echo no)"
  as_user kill life KILL
  for _ in $(seq 50); do [ "$(as_user state life | jq -r .status)" = stopped ] && break; sleep 0.1; done
  succeeds "rootless: delete" as_user delete life
  user_config "$ranges | .linux.resources.memory={limit:67108864}"
  refused "rootless: a limit without a cgroup of one's own" "cgroup" as_user run limit
}

# A part of the hierarchy given to the user, as systemd's user manager has it.
rootless_limits() {
  local given=/sys/fs/cgroup/sampan-given
  mkdir -p $given/caller
  echo "+memory +pids" >$given/cgroup.subtree_control
  chown $user $given $given/cgroup.procs $given/cgroup.subtree_control $given/caller $given/caller/cgroup.procs
  user_config "$ranges | .linux.cgroupsPath=\"/sampan-given/box\" | .linux.resources.memory={limit:67108864} | .linux.resources.pids={limit:30}"
  # A process may be moved only by who owns the group above both ends: the caller has to be inside.
  succeeds "rootless: limits in a cgroup of one's own" sh -c "echo \$\$ >$given/caller/cgroup.procs && exec runuser -u $user -- env HOME=/home/$user XDG_RUNTIME_DIR=/run/user/$uid \\
    sh -c 'cd ~/bundle && exec timeout 60 \"\$@\"' sh '$runtime' --root /run/user/$uid/sampan run --detach given"
  check "rootless: memory.max" 67108864 "$(cat $given/box/memory.max)"
  check "rootless: pids.max" 30 "$(cat $given/box/pids.max)"
  succeeds "rootless: delete --force" as_user delete --force given
  check "rootless: its cgroup is gone" gone "$([ -d $given/box ] && echo there || echo gone)"
  rmdir $given/caller $given
}
