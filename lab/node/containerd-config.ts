import type { NodeFiles } from './files.ts';

/** The image of the process that holds a pod's namespaces; imported, since there is no registry to ask. */
export const pauseImage = 'lab.berth.dev/pause:1';

/** Where the parts lie that Debian brings. */
export interface ContainerdSurroundings {
  readonly cniPlugins: readonly string[];
  /** `overlayfs`, or `native` where the folder's file system can't carry it. */
  readonly snapshotter: 'overlayfs' | 'native';
}

/** containerd's configuration, version 3. */
export function containerdConfig(files: NodeFiles, around: ContainerdSurroundings): string {
  return `version = 3
root = "/var/lib/containerd"
state = "/run/containerd"

[grpc]
  address = "/run/containerd/containerd.sock"

[plugins.'io.containerd.cri.v1.runtime']
  # A machine in a container or a virtual one may lack the right to lower it.
  restrict_oom_score_adj = true
  # The profile would be loaded into the machine's kernel, and stay there.
  disable_apparmor = true

  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = [${around.cniPlugins.map((folder) => `"${folder}"`).join(', ')}]
    conf_dir = "${files.cniDirectory}"

[plugins.'io.containerd.cri.v1.images']
  snapshotter = "${around.snapshotter}"

  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = "${pauseImage}"
`;
}
