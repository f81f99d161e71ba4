/** Entry of the Layer 2 worker thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '../../core/invariant.ts';
import { Loop } from './loop.ts';
import type { WorkerSettings } from './messages.ts';

invariant(parentPort !== null, 'the Layer 2 worker is started as a thread');
new Loop(parentPort, workerData as WorkerSettings).run();
