/** Counts calls to the apiserver; given to `connectToCluster` as its observer. */
import { Counter, Histogram, type Registry } from 'prom-client';
import { metricNames } from './metric-names.ts';

/** Registers the metrics, once a process; status 0 is a call without an answer. */
export function observeCalls(registry: Registry): (call: { method: string; status: number; seconds: number }) => void {
  const registers = [registry];
  const calls = new Counter({
    name: metricNames.kubeCalls,
    help: 'Calls to the apiserver by method and status; 0 without an answer.',
    labelNames: ['method', 'status'],
    registers,
  });
  const seconds = new Histogram({
    name: metricNames.kubeCallSeconds,
    help: 'Time of a call to the apiserver, watches left out.',
    labelNames: ['method'],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15],
    registers,
  });
  return ({ method, status, seconds: took }) => {
    calls.inc({ method, status: String(status) });
    seconds.observe({ method }, took);
  };
}
