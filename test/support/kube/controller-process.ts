/** A controller in a process of its own, that a test can kill: `node controller-process.ts KUBECONFIG NAME`. */
import { startController } from './controller.ts';

const [kubeconfig = '', name = ''] = process.argv.slice(2);
const lease = { durationMs: 4_000, renewDeadlineMs: 2_500, retryMs: 300 };
const controller = await startController({ kubeconfig, name, lease });
process.on('SIGTERM', () => {
  void controller.stop().then(() => process.exit(0));
});
// Its parent holds the other end of this pipe: no orphan outlives a test that was killed.
process.stdin.resume().on('end', () => process.exit(1));
