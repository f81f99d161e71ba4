import type { DualAddress } from '../network/plan.ts';

/**
 * Pods are wired as kind wires them: a cable from each pod to the node, which
 * routes (plugin ptp, see cni/), and addresses of both families from the node's prefixes.
 */
export function cniConfig(pods: DualAddress): string {
  const config = {
    cniVersion: '1.0.0',
    name: 'lab',
    plugins: [
      {
        type: 'ptp-at-once',
        mtu: 1500,
        ipam: {
          type: 'host-local',
          dataDir: '/run/cni-addresses',
          ranges: [[{ subnet: pods.ipv4 }], [{ subnet: pods.ipv6 }]],
          routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
        },
      },
    ],
  };
  return JSON.stringify(config, null, 2);
}
