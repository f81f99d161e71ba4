import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a build is, as its image and its bill of materials say. */
export interface BuildInfo {
  /** Semantic version, without "v". */
  readonly version: string;
  /** The moment of what it is built from: of a release, its commit's. */
  readonly created: Date;
  /** The commit. */
  readonly revision?: string;
}

/** A build that isn't a release: the version that is worked towards, and no date, so that the same content is the same image. */
export async function unreleased(checkout: string): Promise<BuildInfo> {
  const { version } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8'));
  return { version, created: new Date(0) };
}
