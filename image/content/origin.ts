import { CERTIFICATES, debianFiles, NFT } from './base.ts';
import { ensureDebianPackages, packagesOf } from './debian.ts';
import { foreignDebian } from './foreign-debian.ts';
import { foreignPackages } from './foreign-packages.ts';
import { type Platform, thisPlatform } from './platform.ts';

/** Where the files of an image for one platform come from. */
export interface Origin {
  readonly platform: Platform;
  /** Holds package-lock.json and the packages installed from it. */
  readonly checkout: string;
  /** Holds those of these packages that are made for the platform: Node, and koffi's library. */
  readonly native: string;
  /** The folder that is "/" of a Debian of the platform. */
  readonly debian: string;
}

/**
 * For this machine's own platform that is the checkout and the machine; for the
 * other one, the same packages of npm's and Debian's, fetched once into the cache.
 */
export async function originFor(checkout: string, platform: Platform): Promise<Origin> {
  await ensureDebianPackages({ nftables: NFT, 'ca-certificates': CERTIFICATES });
  const own: Origin = { platform: thisPlatform(), checkout, native: checkout, debian: '/' };
  if (platform.oci === own.platform.oci) return own;
  const [native, debian] = await Promise.all([
    foreignPackages(checkout, platform),
    packagesOf(await debianFiles(own), own.debian).then((names) => foreignDebian(names, platform)),
  ]);
  return { platform, checkout, native, debian };
}
