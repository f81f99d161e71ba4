/** The kinds that Berth talks about to the apiserver, and the paths they live under. */

export interface Resource {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

function resource(apiVersion: string, kind: string, plural: string, namespaced = true): Resource {
  const slash = apiVersion.indexOf('/');
  return {
    group: slash < 0 ? '' : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    kind,
    plural,
    namespaced,
  };
}

export const services = resource('v1', 'Service', 'services');
export const namespaces = resource('v1', 'Namespace', 'namespaces', false);
export const nodes = resource('v1', 'Node', 'nodes', false);
export const secrets = resource('v1', 'Secret', 'secrets');
export const pods = resource('v1', 'Pod', 'pods');
export const endpointSlices = resource('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices');
export const leases = resource('coordination.k8s.io/v1', 'Lease', 'leases');
export const events = resource('events.k8s.io/v1', 'Event', 'events');
export const subjectAccessReviews = resource(
  'authorization.k8s.io/v1',
  'SubjectAccessReview',
  'subjectaccessreviews',
  false,
);
export const validatingWebhookConfigurations = resource(
  'admissionregistration.k8s.io/v1',
  'ValidatingWebhookConfiguration',
  'validatingwebhookconfigurations',
  false,
);
export const mutatingWebhookConfigurations = resource(
  'admissionregistration.k8s.io/v1',
  'MutatingWebhookConfiguration',
  'mutatingwebhookconfigurations',
  false,
);
export const customResourceDefinitions = resource(
  'apiextensions.k8s.io/v1',
  'CustomResourceDefinition',
  'customresourcedefinitions',
  false,
);
export const ipAddressPools = resource('metallb.io/v1beta1', 'IPAddressPool', 'ipaddresspools');
export const l2Advertisements = resource('metallb.io/v1beta1', 'L2Advertisement', 'l2advertisements');
export const bgpAdvertisements = resource('metallb.io/v1beta1', 'BGPAdvertisement', 'bgpadvertisements');
export const bgpPeers = resource('metallb.io/v1beta2', 'BGPPeer', 'bgppeers');
export const communities = resource('metallb.io/v1beta1', 'Community', 'communities');
export const bfdProfiles = resource('metallb.io/v1beta1', 'BFDProfile', 'bfdprofiles');
export const serviceL2Statuses = resource('metallb.io/v1beta1', 'ServiceL2Status', 'servicel2statuses');
export const addressPolicies = resource('berth.dev/v1alpha1', 'AddressPolicy', 'addresspolicies');
export const addressReservations = resource('berth.dev/v1alpha1', 'AddressReservation', 'addressreservations');

/** `v1`, or `group/version`. */
export function apiVersionOf(resource: Resource): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/**
 * The URL path of a collection (no name), an object, or a subresource of one.
 * A namespaced kind without a namespace is the collection of all namespaces.
 */
export function pathOf(resource: Resource, namespace?: string, name?: string, subresource?: string): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const object = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  const below = subresource === undefined ? '' : `/${subresource}`;
  return `${root}${scope}/${resource.plural}${object}${below}`;
}
