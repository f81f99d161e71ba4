/** A processor family that Node's npm packages serve, in everyone's words for it. */
export interface Platform {
  /** As OCI and Kubernetes call it. */
  readonly oci: 'amd64' | 'arm64';
  /** As npm and Node call it. */
  readonly node: 'x64' | 'arm64';
  /** The folder under /usr/lib that Debian keeps its libraries in. */
  readonly triplet: string;
}

const PLATFORMS: Readonly<Record<string, Platform>> = {
  x64: { oci: 'amd64', node: 'x64', triplet: 'x86_64-linux-gnu' },
  arm64: { oci: 'arm64', node: 'arm64', triplet: 'aarch64-linux-gnu' },
};

/**
 * The platform of this machine: an image holds this machine's libraries, so it
 * is built for no other.
 *
 * @throws Error where Node has no package for it.
 */
export function thisPlatform(): Platform {
  const platform = PLATFORMS[process.arch];
  if (process.platform !== 'linux' || platform === undefined) {
    throw new Error(
      `Cannot build an image on ${process.platform}/${process.arch}: Node comes as a package for Linux on x64 and arm64; use one of these`,
    );
  }
  return platform;
}
