/** The registry of one process. Each role makes its own metrics on it, by the names in metric-names.ts. */
import { collectDefaultMetrics, Registry } from 'prom-client';

/** How often the event loop is asked whether it lags. At the library's 10 ms that is most of what an idle process wakes for. */
const LAG_EVERY_MS = 250;

/** A fresh registry; `processMetrics` adds Node's own (memory, event loop, GC). */
export function createRegistry(options: { readonly component: string; readonly processMetrics?: boolean }): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ component: options.component });
  if (options.processMetrics !== false)
    collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_EVERY_MS });
  return registry;
}
