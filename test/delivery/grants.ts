import type { AuditEvent } from '../../lab/control-plane/audit.ts';
import type { Manifest } from './built.ts';

/** One verb on one resource, as RBAC grants it. */
export interface Grant {
  /** '' where it holds in every namespace and for what lives in none. */
  readonly namespace: string;
  readonly group: string;
  /** With a subresource after a slash. */
  readonly resource: string;
  /** '' where it holds for every name. */
  readonly name: string;
  readonly verb: string;
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** Every grant that the roles in these manifests give to a service account, one for each verb. */
export function grantsOf(manifests: readonly Manifest[], serviceAccount: string): readonly Grant[] {
  const bindings = manifests.filter(
    ({ kind, subjects }) =>
      (kind === 'RoleBinding' || kind === 'ClusterRoleBinding') &&
      subjects.some(
        (one: { kind: string; name: string }) => one.kind === 'ServiceAccount' && one.name === serviceAccount,
      ),
  );
  return bindings.flatMap(({ kind, metadata, roleRef }) => {
    const namespace = kind === 'RoleBinding' ? metadata.namespace! : '';
    const role = manifests.find((one) => one.kind === roleRef.kind && one.metadata.name === roleRef.name);
    if (role === undefined)
      throw new Error(`${kind} "${metadata.name}" refers to ${roleRef.kind} "${roleRef.name}", which is not there`);
    return (role.rules as readonly Rule[]).flatMap((rule) => spread(rule, namespace));
  });
}

function spread(rule: Rule, namespace: string): readonly Grant[] {
  return rule.apiGroups.flatMap((group) =>
    rule.resources.flatMap((resource) =>
      (rule.resourceNames ?? ['']).flatMap((name) =>
        rule.verbs.map((verb) => ({ namespace, group, resource, name, verb })),
      ),
    ),
  );
}

/** What a service account did, held against what it may do. */
export interface Comparison {
  /** Grants that no request needed, in words. */
  readonly unused: readonly string[];
  /** Requests that the apiserver's authorizer forbade and no grant covers, in words; each once. */
  readonly forbidden: readonly string[];
}

/**
 * Compares the audit log's requests of one service account with its grants.
 * What every account may do (discovery, its own rights) needs none of them and
 * is left out.
 *
 * @param user such as "system:serviceaccount:metallb-system:controller".
 */
export function compare(events: readonly AuditEvent[], user: string, grants: readonly Grant[]): Comparison {
  const requests = events.filter((event) => event.user.username === user && event.objectRef?.resource !== undefined);
  const unused = grants.filter((grant) => !requests.some((event) => needs(event, grant)));
  // An apiserver that has just started refuses everybody until it has read the roles: what a grant covers isn't missing.
  const missing = requests.filter(
    (event) =>
      event.annotations?.['authorization.k8s.io/decision'] === 'forbid' && !grants.some((grant) => needs(event, grant)),
  );
  const forbidden = new Set(missing.map(describeRequest));
  return { unused: unused.map(describeGrant), forbidden: [...forbidden] };
}

function needs({ verb, objectRef, responseStatus }: AuditEvent, grant: Grant): boolean {
  const { resource, subresource, apiGroup = '', namespace = '', name = '' } = objectRef!;
  return (
    // A server-side apply that makes the object is asked for both rights.
    (verb === grant.verb || (verb === 'patch' && grant.verb === 'create' && responseStatus?.code === 201)) &&
    apiGroup === grant.group &&
    (subresource ? `${resource}/${subresource}` : resource) === grant.resource &&
    (grant.namespace === '' || grant.namespace === namespace) &&
    (grant.name === '' || grant.name === name)
  );
}

function describeGrant({ verb, resource, group, name, namespace }: Grant): string {
  const kind = group === '' ? resource : `${resource}.${group}`;
  return `${verb} ${kind}${name && ` "${name}"`}${namespace && ` in ${namespace}`}`;
}

function describeRequest({ verb, objectRef }: AuditEvent): string {
  const { resource, subresource, apiGroup = '', namespace = '', name = '' } = objectRef!;
  const path = subresource ? `${resource}/${subresource}` : resource!;
  return describeGrant({ verb, resource: path, group: apiGroup, name, namespace });
}
