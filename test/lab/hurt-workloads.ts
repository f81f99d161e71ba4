const image = 'lab.berth.dev/server:1';

/** The test server in the network of every node. */
export function daemonSet(name: string, port: number): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace: 'default' },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { hostNetwork: true, terminationGracePeriodSeconds: 1, containers: [container(port)] },
      },
    },
  };
}

/** The test server in pods of its own, spread over the nodes, behind a Service with a port on every node. */
export function deployment(name: string, replicas: number, port: number): object[] {
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: 'default' },
      spec: {
        replicas,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: {
            topologySpreadConstraints: [
              {
                maxSkew: 1,
                topologyKey: 'kubernetes.io/hostname',
                whenUnsatisfiable: 'DoNotSchedule',
                labelSelector: { matchLabels: { app: name } },
              },
            ],
            containers: [container(port)],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'default' },
      spec: {
        type: 'NodePort',
        ipFamilyPolicy: 'RequireDualStack',
        selector: { app: name },
        ports: [{ port: 80, targetPort: port }],
      },
    },
  ];
}

function container(port: number): object {
  const fromField = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  return {
    name: 'server',
    image,
    args: [String(port)],
    env: [fromField('POD_NAME', 'metadata.name'), fromField('NODE_NAME', 'spec.nodeName')],
    ports: [{ containerPort: port }],
    readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
  };
}
