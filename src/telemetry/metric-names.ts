/**
 * Every metric's name, once: code, tests, alerts and dashboards use these.
 * The `metallb_` ones are MetalLB's, kept for dashboards that exist.
 */
export const metricNames = {
  // Pools and addresses.
  poolAddressesTotal: 'metallb_allocator_addresses_total',
  poolAddressesInUse: 'metallb_allocator_addresses_in_use_total',
  poolAddresses: 'berth_pool_addresses',
  servicesWaiting: 'berth_services_waiting',
  servicesAllocated: 'berth_services_allocated',
  addressConflicts: 'berth_address_conflicts',
  // Decisions and writes.
  decisions: 'berth_decisions_total',
  allocationSeconds: 'berth_allocation_seconds',
  statusWrites: 'berth_status_writes_total',
  statusWriteSeconds: 'berth_status_write_seconds',
  queueDepth: 'berth_reconcile_queue_depth',
  eventsDropped: 'berth_events_dropped_total',
  // Admission.
  admissionDecisions: 'berth_admission_decisions_total',
  admissionSeconds: 'berth_admission_seconds',
  certificateExpiry: 'berth_webhook_certificate_expiry_timestamp_seconds',
  // The apiserver.
  kubeCalls: 'berth_kube_calls_total',
  kubeCallSeconds: 'berth_kube_call_seconds',
  k8sUpdates: 'metallb_k8s_client_updates_total',
  k8sUpdateErrors: 'metallb_k8s_client_update_errors_total',
  k8sConfigLoaded: 'metallb_k8s_client_config_loaded_bool',
  k8sConfigStale: 'metallb_k8s_client_config_stale_bool',
  leader: 'berth_leader',
  // Speakers.
  announced: 'metallb_speaker_announced',
  announcedAddresses: 'berth_announced_addresses',
  ownerChanges: 'berth_owner_changes_total',
  gratuitousFrames: 'metallb_layer2_gratuitous_sent',
  requestsReceived: 'metallb_layer2_requests_received',
  responsesSent: 'metallb_layer2_responses_sent',
  layer2Ignored: 'berth_layer2_ignored_frames_total',
  layer2Conflicts: 'berth_layer2_conflicts_total',
  layer2Trouble: 'berth_layer2_trouble_total',
  portFilterInstalled: 'berth_unmatched_port_filter_installed',
  notAnnounced: 'berth_services_not_announced',
  speakerVerdicts: 'berth_speaker_verdicts_total',
  membershipIgnored: 'berth_membership_ignored_messages_total',
  speakerStalls: 'berth_speaker_stalls_total',
  failovers: 'berth_failovers_total',
  failoverSilence: 'berth_failover_silence_seconds',
  snapshotAge: 'berth_speaker_snapshot_age_seconds',
} as const;

export type MetricName = (typeof metricNames)[keyof typeof metricNames];
