/** A piece of others' work that is in the image. */
export interface Component {
  readonly type: 'application' | 'library' | 'operating-system';
  readonly name: string;
  readonly version: string;
  /** Package URL, by which scanners look it up and others here refer to it. */
  readonly purl?: string;
  /** The name under which vulnerabilities of it are filed, where its package URL isn't one. */
  readonly cpe?: string;
  readonly publisher?: string;
  /** An SPDX expression, or the names that its Debian package gives. */
  readonly licence: { readonly expression: string } | { readonly names: readonly string[] };
  /** Where in the image its licence texts are. */
  readonly texts: readonly string[];
  /** SHA-512 of the archive that it came in, in hex. */
  readonly sha512?: string;
  /** Package URLs of what it needs. */
  readonly uses: readonly string[];
}
