/** AdmissionReviews as the apiserver sends them, for tests. */

/** A review whose request is a CREATE of a Service by "alice", with the given fields in place of the defaults. */
export function reviewRequest(request: object): object {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'review-1',
      kind: { group: '', version: 'v1', kind: 'Service' },
      resource: { group: '', version: 'v1', resource: 'services' },
      operation: 'CREATE',
      name: 'web',
      namespace: 'shop',
      userInfo: { username: 'alice', groups: ['developers', 'system:authenticated'] },
      dryRun: false,
      oldObject: null,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
      ...request,
    },
  };
}
