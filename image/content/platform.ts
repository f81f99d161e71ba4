/** A processor family that Node's npm packages serve, in everyone's words for it. */
export interface Platform {
  /** As OCI and Kubernetes call it. */
  readonly oci: 'amd64' | 'arm64';
  /** As npm and Node call it. */
  readonly node: 'x64' | 'arm64';
  /** The folder under /usr/lib that Debian keeps its libraries in. */
  readonly triplet: string;
  /** The program loader, at the path that each program has in it. */
  readonly loader: string;
}

/** Those that Node's npm packages, and Debian, serve; in the order in which an index lists them. */
export const platforms: readonly Platform[] = [
  { oci: 'amd64', node: 'x64', triplet: 'x86_64-linux-gnu', loader: '/lib64/ld-linux-x86-64.so.2' },
  { oci: 'arm64', node: 'arm64', triplet: 'aarch64-linux-gnu', loader: '/lib/ld-linux-aarch64.so.1' },
];

/**
 * The platform of this machine.
 *
 * @throws Error where Node has no package for it.
 */
export function thisPlatform(): Platform {
  const platform = platforms.find(({ node }) => node === process.arch);
  if (process.platform !== 'linux' || platform === undefined) {
    throw new Error(
      `Cannot build an image on ${process.platform}/${process.arch}: Node comes as a package for Linux on x64 and arm64; use one of these`,
    );
  }
  return platform;
}
