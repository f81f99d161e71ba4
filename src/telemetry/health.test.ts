import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { Counter } from 'prom-client';
import { Health } from './health.ts';
import { serveHealth } from './health-server.ts';
import { observeCalls } from './kube-calls.ts';
import { metricNames } from './metric-names.ts';
import { createRegistry } from './metrics.ts';

async function withServer(
  run: (
    get: (path: string, method?: string) => Promise<{ status: number; text: string }>,
    health: Health,
  ) => Promise<void>,
): Promise<void> {
  const health = new Health();
  const registry = createRegistry({ component: 'controller', processMetrics: false });
  new Counter({ name: 'berth_test_total', help: 'x', registers: [registry] }).inc(2);
  const stop = new AbortController();
  const port = await serveHealth({ health, registry, port: 0, host: '127.0.0.1', signal: stop.signal });
  try {
    await run(async (path, method = 'GET') => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method });
      return { status: answer.status, text: await answer.text() };
    }, health);
  } finally {
    stop.abort();
  }
}

describe('health', () => {
  it('is good without checks', async () => {
    await withServer(async (get) => {
      assert.deepEqual(await get('/livez'), { status: 200, text: 'livez check passed\n' });
      assert.deepEqual(await get('/readyz?verbose'), { status: 200, text: 'readyz check passed\n' });
    });
  });

  it('says of each check why it fails, as the apiserver does', async () => {
    await withServer(async (get, health) => {
      let why: string | undefined = 'services: not listed yet';
      health.addReadiness('caches', () => why);
      health.addReadiness('certificate', () => undefined);
      assert.deepEqual(await get('/readyz'), {
        status: 503,
        text: '[-]caches: services: not listed yet\n[+]certificate ok\nreadyz check failed\n',
      });
      assert.equal((await get('/livez')).status, 200, 'not ready is not dead');
      why = undefined;
      assert.equal((await get('/readyz')).status, 200);
      health.addLiveness('loop', () => 'stuck');
      assert.equal((await get('/livez')).status, 503);
    });
  });

  it('serves metrics, and nothing else', async () => {
    await withServer(async (get) => {
      assert.match((await get('/metrics')).text, /berth_test_total\{component="controller"\} 2/);
      assert.equal((await get('/')).status, 404);
      assert.equal((await get('/livez', 'POST')).status, 405);
    });
  });

  it('says so where its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const options = { health: new Health(), registry: createRegistry({ component: 'x', processMetrics: false }) };
    await assert.rejects(
      serveHealth({ ...options, port, host: '127.0.0.1', signal: new AbortController().signal }),
      /EADDRINUSE/,
    );
    other.close();
  });
});

describe('metric names', () => {
  it('are each used once, and start with a prefix of ours or of MetalLB', () => {
    const names = Object.values(metricNames);
    assert.equal(new Set(names).size, names.length);
    for (const name of names) assert.match(name, /^(berth|metallb)_[a-z0-9_]+$/);
  });

  it('count calls by method and status', async () => {
    const registry = createRegistry({ component: 'x', processMetrics: false });
    const observe = observeCalls(registry);
    observe({ method: 'GET', status: 200, seconds: 0.01 });
    observe({ method: 'GET', status: 0, seconds: 5 });
    assert.match(await registry.metrics(), /berth_kube_calls_total\{method="GET",status="0",component="x"\} 1/);
  });

  it('shows what a role adds as JSON, as it is at that moment', async () => {
    await withServer(async (get, health) => {
      const found: string[] = [];
      health.addPage('/found', () => found);
      found.push('x');
      const { status, text } = await get('/found');
      assert.equal(status, 200);
      assert.deepEqual(JSON.parse(text), ['x']);
    });
  });
});
