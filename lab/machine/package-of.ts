/** Which Debian package brings each program that the lab calls. */
const packages: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  bridge: 'iproute2',
  nft: 'nftables',
  conntrack: 'conntrack',
  ethtool: 'ethtool',
  runc: 'runc',
  tcpdump: 'tcpdump',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  setpriv: 'util-linux',
  flock: 'util-linux',
  mount: 'mount',
  sysctl: 'procps',
  modprobe: 'kmod',
  curl: 'curl',
  git: 'git',
};

/** The Debian package that brings this program; undefined for one that Debian doesn't bring. */
export function packageOf(program: string): string | undefined {
  return packages[program];
}
