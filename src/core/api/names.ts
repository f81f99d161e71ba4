/**
 * Every group, label, annotation and well-known name that Berth reads or
 * writes. Code, manifests, tests and documents use these and no other spelling.
 */

// Groups and versions.
export const METALLB_GROUP = 'metallb.io';
export const BERTH_GROUP = 'berth.dev';

// Where Berth lives. The names are MetalLB's, so that what selects its pods selects ours.
export const NAMESPACE = 'metallb-system';
export const APP_LABEL = 'app';
export const APP_LABEL_VALUE = 'metallb';
export const COMPONENT_LABEL = 'component';
export const CONTROLLER_COMPONENT = 'controller';
export const SPEAKER_COMPONENT = 'speaker';

// Field managers: who owns which field on the apiserver.
export const CONTROLLER_FIELD_MANAGER = 'berth-controller';
export const CERTIFICATES_FIELD_MANAGER = 'berth-certificates';
export const SPEAKER_FIELD_MANAGER = 'berth-speaker';

// Leases, webhooks and their certificate.
export const CONTROLLER_LEASE = 'berth-controller';
export const WEBHOOK_CONFIGURATION = 'berth-webhook';
export const WEBHOOK_SERVICE = 'webhook-service';
export const WEBHOOK_CERTIFICATE_SECRET = 'berth-webhook-cert';
/** Keys of what speakers say to each other: `key` seals, every entry opens. */
export const MEMBERSHIP_SECRET = 'berth-membership';
export const CONVERSION_PATH = '/convert';

// On Services, written by their author. The current prefix goes before the legacy one.
export const METALLB_PREFIX = 'metallb.io/';
export const METALLB_LEGACY_PREFIX = 'metallb.universe.tf/';
export const ADDRESS_POOL = 'metallb.io/address-pool';
export const ADDRESS_POOL_LEGACY = 'metallb.universe.tf/address-pool';
export const LOAD_BALANCER_IPS = 'metallb.io/loadBalancerIPs';
export const LOAD_BALANCER_IPS_LEGACY = 'metallb.universe.tf/loadBalancerIPs';
export const ALLOW_SHARED_IP = 'metallb.io/allow-shared-ip';
export const ALLOW_SHARED_IP_LEGACY = 'metallb.universe.tf/allow-shared-ip';
/** Label or annotation; the annotation wins where both are given. */
export const CATEGORY = 'berth.dev/category';

// On Services, written by Berth.
export const ASSIGNED_POOL = 'berth.dev/assigned-pool';
export const ASSIGNED_BECAUSE = 'berth.dev/assigned-because';
export const ALLOCATED_FROM_POOL = 'metallb.io/ip-allocated-from-pool';
/** As older releases of MetalLB wrote it; read, never written. */
export const ALLOCATED_FROM_POOL_LEGACY = 'metallb.universe.tf/ip-allocated-from-pool';

// On ServiceL2Statuses, written by the speaker that announces. The labels are MetalLB's.
export const STATUS_NODE_LABEL = 'metallb.io/node';
export const STATUS_SERVICE_LABEL = 'metallb.io/service-name';
export const STATUS_NAMESPACE_LABEL = 'metallb.io/service-namespace';
/** Addresses of the Service that the node answers for, joined by commas. */
export const STATUS_ADDRESSES = 'berth.dev/addresses';
/**
 * `address mac interface` of strangers who claim an address of the Service, joined by commas;
 * with the word `unannounced` where the node has never answered for the address.
 */
export const STATUS_CONFLICTS = 'berth.dev/conflicts';

/** On Services, written by the controller: addresses that were given from a pool that says Move, and announced by nobody yet. */
export const UNANNOUNCED = 'berth.dev/unannounced';

/** Label of a Namespace: the pool that its Services draw from. */
export const NAMESPACE_POOL = 'berth.dev/pool';

// On configuration objects.
/** Annotation: `"true"` lets a change through that takes addresses from running Services. */
export const ALLOW_DISRUPTION = 'berth.dev/allow-disruption';
/** Annotation of an IPAddressPool: what to do about a stranger who claims one of its addresses. */
export const ON_CONFLICT = 'berth.dev/on-conflict';

// On Nodes, as Kubernetes spells them.
export const EXCLUDE_FROM_LOAD_BALANCERS = 'node.kubernetes.io/exclude-from-external-load-balancers';
export const HOSTNAME_LABEL = 'kubernetes.io/hostname';
export const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';

// Condition types on Services.
export const ALLOCATED_CONDITION = 'berth.dev/Allocated';
export const ANNOUNCED_CONDITION = 'berth.dev/Announced';
export const REACHABLE_CONDITION = 'berth.dev/Reachable';

/** Conflict answers that an IPAddressPool may name; the first is the default. */
export const CONFLICT_ANSWERS = ['Defend', 'Yield', 'Move'] as const;
