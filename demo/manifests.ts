/** What the shop team of the story writes into git, beside the example of flux/apps. */

export function deploymentYaml(name: string, namespace: string, image: string, port: number): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  replicas: 3
  selector:
    matchLabels:
      app: ${name}
  template:
    metadata:
      labels:
        app: ${name}
    spec:
      terminationGracePeriodSeconds: 1
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: DoNotSchedule
          labelSelector:
            matchLabels:
              app: ${name}
      tolerations:
        - key: node.kubernetes.io/unreachable
          operator: Exists
          effect: NoExecute
          tolerationSeconds: 5
      containers:
        - name: server
          image: ${image}
          imagePullPolicy: IfNotPresent
          env:
            - name: POD_NAME
              valueFrom:
                fieldRef:
                  fieldPath: metadata.name
            - name: NODE_NAME
              valueFrom:
                fieldRef:
                  fieldPath: spec.nodeName
          ports:
            - containerPort: ${port}
          readinessProbe:
            tcpSocket:
              port: ${port}
            periodSeconds: 1
`;
}

export interface ServiceOptions {
  readonly loadBalancerIP?: string;
}

export function serviceYaml(
  name: string,
  namespace: string,
  app: string,
  targetPort: number,
  options: ServiceOptions = {},
): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  type: LoadBalancer
  ipFamilyPolicy: PreferDualStack
${options.loadBalancerIP ? `  loadBalancerIP: ${options.loadBalancerIP}\n` : ''}  selector:
    app: ${app}
  ports:
    - port: 80
      targetPort: ${targetPort}
`;
}
