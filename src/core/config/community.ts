/** BGP communities, standard (RFC 1997) and large (RFC 8092), and the aliases that a Community object gives them. */

export type CommunityValue =
  | { readonly kind: 'standard'; readonly global: number; readonly local: number }
  | { readonly kind: 'large'; readonly global: number; readonly local1: number; readonly local2: number };

/** A Community object: names for community values. */
export interface CommunityAliases {
  readonly name: string;
  readonly aliases: ReadonlyMap<string, CommunityValue>;
}
