/** MetalLB's speakers in place of Berth's, on the same nodes: as a DaemonSet with the settings of its own manifest. */
import { labImage } from '../../lab/berth-image.ts';
import type { Lab } from '../../lab/lab.ts';
import { definitions, metallbPrograms } from './metallb.ts';

const namespace = 'metallb-system';
const labels = { app: 'metallb', component: 'peer-speaker' };
const name = 'peer-speaker';

/** A node that nobody has: the speakers of Berth end, one by one and cleanly. */
const nowhere = { 'berth.dev/bench': 'nowhere' };

/**
 * Takes Berth's speakers off the nodes and puts MetalLB's there. Addresses are
 * given by Berth's controller as before; who announces them is what is compared.
 */
export async function replaceSpeakers(lab: Lab): Promise<void> {
  const patch = { spec: { template: { spec: { nodeSelector: nowhere } } } };
  await lab.kubectl(['patch', 'daemonset', 'speaker', '-n', namespace, '-p', JSON.stringify(patch)]);
  await lab.kubectl(['wait', 'pod', '-n', namespace, '-l', 'component=speaker', '--for=delete', '--timeout=120s']);
  // The one kind that its program wants and Berth doesn't have: the old form of a pool.
  await lab.kubectl(['apply', '--server-side', '-f', `${await definitions()}/metallb.io_addresspools.yaml`]);
  await lab.apply(...(await manifests()));
  await lab.kubectl(['rollout', 'status', `daemonset/${name}`, '-n', namespace, '--timeout=180s']);
}

/** Its labels, by which its pods are found. */
export const peerSpeaker = { daemonSet: name, selector: `component=${labels.component}` } as const;

async function manifests(): Promise<readonly object[]> {
  const meta = { name, namespace };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', ...meta }],
    },
    { apiVersion: 'v1', kind: 'Secret', metadata: meta, stringData: { secretkey: 'the same on every node' } },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: meta,
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: await podSpec() },
      },
    },
  ];
}

async function podSpec(): Promise<object> {
  const field = (variable: string, fieldPath: string) => ({ name: variable, valueFrom: { fieldRef: { fieldPath } } });
  const mlLabels = Object.entries(labels)
    .map((pair) => pair.join('='))
    .join(',');
  const probe = { httpGet: { path: '/metrics', port: 7472 }, periodSeconds: 10, timeoutSeconds: 1 };
  return {
    hostNetwork: true,
    serviceAccountName: name,
    terminationGracePeriodSeconds: 2,
    tolerations: [{ operator: 'Exists' }],
    containers: [
      {
        name: 'speaker',
        // For its C library; the program is the one that was built from the module.
        image: labImage,
        imagePullPolicy: 'IfNotPresent',
        command: ['/peer/speaker', '--port=7472', '--log-level=info'],
        env: [
          field('METALLB_NODE_NAME', 'spec.nodeName'),
          field('METALLB_HOST', 'status.hostIP'),
          field('METALLB_ML_BIND_ADDR', 'status.podIP'),
          { name: 'METALLB_ML_LABELS', value: mlLabels },
          { name: 'METALLB_ML_SECRET_KEY_PATH', value: '/etc/ml_secret_key' },
        ],
        securityContext: {
          runAsUser: 0,
          allowPrivilegeEscalation: false,
          capabilities: { add: ['NET_RAW'], drop: ['ALL'] },
          readOnlyRootFilesystem: true,
        },
        livenessProbe: { ...probe, initialDelaySeconds: 10 },
        readinessProbe: { ...probe, initialDelaySeconds: 10 },
        volumeMounts: [
          { name: 'key', mountPath: '/etc/ml_secret_key', readOnly: true },
          { name: 'program', mountPath: '/peer', readOnly: true },
        ],
      },
    ],
    volumes: [
      { name: 'key', secret: { secretName: name } },
      // A node of the lab has the machine's files.
      { name: 'program', hostPath: { path: await metallbPrograms(), type: 'Directory' } },
    ],
  };
}
