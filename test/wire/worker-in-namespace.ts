/** Starts the Layer 2 worker in a network namespace: threads of one process may differ in theirs. */
import { workerData } from 'node:worker_threads';
import { enterNamespace } from './namespaces.ts';

enterNamespace((workerData as { readonly namespace: string }).namespace);
await import('../../src/speaker/l2/worker.ts');
