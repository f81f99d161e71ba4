/**
 * One speaker as a process of its own, as `berth speaker` starts it.
 * Arguments: kubeconfig, node, port of its health server, folder of its state.
 */
import { connectToCluster } from '../../src/kube/client.ts';
import { runSpeaker } from '../../src/speaker/run.ts';
import { Health } from '../../src/telemetry/health.ts';
import { serveHealth } from '../../src/telemetry/health-server.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createRegistry } from '../../src/telemetry/metrics.ts';

const [path = '', node = '', port = '0', stateDirectory] = process.argv.slice(2);
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());

const client = await connectToCluster({ path });
const metrics = createRegistry({ component: 'speaker' });
const health = new Health();
const { signal } = stop;
await serveHealth({ health, registry: metrics, port: Number(port), signal });
const log = createLogger({ component: 'speaker' });
await runSpeaker({ client, node, stateDirectory, log, metrics, health, signal });
process.exit(0);
