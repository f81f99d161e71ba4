/** The CustomResourceDefinition manifest of a kind (apiextensions.k8s.io/v1). */
import { definitionName, type KindDefinition, type KindVersion } from './kind-definition.ts';
import { APP_LABEL, APP_LABEL_VALUE, CONVERSION_PATH, NAMESPACE, WEBHOOK_SERVICE } from './names.ts';
import { type StructuralSchema, toStructural } from './structural-schema.ts';

/** Plain JSON, keys in the order in which people write manifests. */
export function customResourceDefinition(kind: KindDefinition): Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: definitionName(kind), labels: { [APP_LABEL]: APP_LABEL_VALUE } },
    spec: {
      group: kind.group,
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.singular,
        ...(kind.shortNames === undefined ? {} : { shortNames: kind.shortNames }),
      },
      scope: 'Namespaced',
      ...(kind.convertedByWebhook ? { conversion: conversionByWebhook } : {}),
      versions: kind.versions.map((version) => versionOf(kind, version)),
    },
  };
}

/** Without caBundle: the controller writes it, under a field manager of its own, when it has made its certificate. */
const conversionByWebhook = {
  strategy: 'Webhook',
  webhook: {
    conversionReviewVersions: ['v1'],
    clientConfig: { service: { name: WEBHOOK_SERVICE, namespace: NAMESPACE, path: CONVERSION_PATH, port: 443 } },
  },
};

function versionOf(kind: KindDefinition, version: KindVersion): Readonly<Record<string, unknown>> {
  return {
    name: version.name,
    served: true,
    storage: version.storage,
    ...(version.deprecationWarning === undefined
      ? {}
      : { deprecated: true, deprecationWarning: version.deprecationWarning }),
    subresources: { status: {} },
    additionalPrinterColumns: version.columns,
    schema: { openAPIV3Schema: rootSchema(kind, version) },
  };
}

/** The schema of a whole object of one version. */
export function rootSchema(kind: KindDefinition, version: KindVersion): StructuralSchema {
  return {
    type: 'object',
    description: kind.description,
    ...(version.specRequired ? { required: ['spec'] } : {}),
    properties: {
      apiVersion: { type: 'string', description: 'Group and version of this object.' },
      kind: { type: 'string', description: 'Kind of this object.' },
      metadata: { type: 'object' },
      ...(version.spec === undefined ? {} : { spec: toStructural(version.spec) }),
      status: toStructural(version.status),
    },
  };
}
