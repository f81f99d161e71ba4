#!/bin/sh
# Enters a node's control groups, makes them the root that the node sees, and
# starts the node's init in namespaces of its own. Runs in the node's network
# namespace, and as a process of the machine.
#
#   GROUPS_V1   groups of version 1, one for each hierarchy
#   GROUP_V2    the group of the unified hierarchy; empty where there is none
set -eu
for group in $GROUPS_V1 $GROUP_V2; do echo $$ >"$group/cgroup.procs"; done

# In version 2 a group that hands controllers down may hold no process itself
# (cgroups(7), "no internal processes"), and the root of the node is such a group.
exec unshare --cgroup -- sh -euc '
  if [ -n "$GROUP_V2" ]; then
    mkdir -p "$GROUP_V2/init"
    echo $$ >"$GROUP_V2/init/cgroup.procs"
    for controller in $(cat "$GROUP_V2/cgroup.controllers"); do
      echo "+$controller" >"$GROUP_V2/cgroup.subtree_control"
    done
  fi
  # The death of this process is the power-off: the kernel then kills all others of its namespace.
  exec unshare --mount --pid --uts --ipc --fork --kill-child -- sh "$INIT"
'
