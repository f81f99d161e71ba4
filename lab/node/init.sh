#!/bin/sh
# The first process of a node: gives it a root of its own, then keeps containerd,
# kubelet and kube-proxy running as systemd would. All mounts are in the node's
# own mount namespace and vanish with it.
#
#   NODE            its name
#   DIRECTORY       its folder (see files.ts)
#   CGROUP_MOUNTS   lines "MOUNT-POINT VERSION OPTIONS"
#   COVERS          lines "FILE COVERED-PATH" (see covers.ts)
#   CONTAINERD, KUBELET, KUBE_PROXY, KUBELET_FLAGS
set -eu

hostname "$NODE"
mount -t proc proc /proc

# /sys shows the interfaces of the namespace it is mounted in; the cgroups below it are mounted anew.
mount -t sysfs sysfs /sys
case $CGROUP_MOUNTS in
  '/sys/fs/cgroup 2 '*) mount -t cgroup2 cgroup2 /sys/fs/cgroup ;;
  *)
    mount -t tmpfs tmpfs /sys/fs/cgroup
    echo "$CGROUP_MOUNTS" | while read -r point version options; do
      mkdir -p "$point"
      if [ "$version" = 2 ]; then mount -t cgroup2 cgroup2 "$point"; else mount -t cgroup -o "$options" cgroup "$point"; fi
    done
    ;;
esac
if [ -d /sys/fs/bpf ]; then mount -t bpf bpf /sys/fs/bpf; fi

echo "$COVERS" | while read -r file path; do
  if [ -e "$path" ]; then mount --bind "$file" "$path"; fi
done

# Folders with well-known names are the node's own. The rest of /var/lib stays in sight, since the checkout or the
# programs may lie there, and what is made in it is made in memory.
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock /run/directory /run/var-lib /run/work "$DIRECTORY/var-log" "$DIRECTORY/log"
mount --bind "$DIRECTORY" /run/directory
mount -t overlay -o lowerdir=/var/lib,upperdir=/run/var-lib,workdir=/run/work overlay /var/lib ||
  mount -t tmpfs -o mode=755 tmpfs /var/lib
mkdir -p "$DIRECTORY"
mount --move /run/directory "$DIRECTORY"
mount --bind "$DIRECTORY/var-log" /var/log
for folder in containerd kubelet cni; do
  mkdir -p "$DIRECTORY/var-lib/$folder" "/var/lib/$folder"
  mount --bind "$DIRECTORY/var-lib/$folder" "/var/lib/$folder"
done

# What a pod mounts may reach other pods of the node; nothing reaches the machine, whose mounts are left already.
mount --make-rshared /

keep() { # NAME COMMAND...: restarts what ends
  name=$1
  shift
  while :; do
    "$@" </dev/null >>"$DIRECTORY/log/$name.log" 2>&1 || echo "init: $name ended with code $?" >>"$DIRECTORY/log/$name.log"
    sleep 1
  done
}

keep containerd "$CONTAINERD" --config "$DIRECTORY/containerd.toml" &
until [ -e "$DIRECTORY/go" ] && [ -S /run/containerd/containerd.sock ]; do sleep 0.2; done
# shellcheck disable=SC2086 # flags without spaces, one word each
keep kubelet "$KUBELET" $KUBELET_FLAGS &
keep kube-proxy "$KUBE_PROXY" --config="$DIRECTORY/kube-proxy.json" &

# Reaps the orphans of the whole node.
while :; do wait; sleep 1; done
