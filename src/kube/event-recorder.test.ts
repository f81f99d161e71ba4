import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerJson, scriptedApiserver } from '../../test/support/kube/scripted-apiserver.ts';
import { createLogger } from '../telemetry/logger.ts';
import { openClient } from './client.ts';
import { EventRecorder, type EventRecorderOptions, type EventToTell } from './event-recorder.ts';

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
}

const event = (more: Partial<EventToTell> = {}): EventToTell => ({
  regarding: { apiVersion: 'v1', kind: 'Service', namespace: 'a', name: 'web', uid: 'u' },
  type: 'Normal',
  reason: 'IPAllocated',
  action: 'Allocate',
  note: 'Assigned 192.0.2.1',
  ...more,
});

async function withRecorder(
  run: (recorder: EventRecorder, seen: Seen[], allow: () => void) => Promise<void>,
  options: Partial<EventRecorderOptions> & { readonly held?: boolean; readonly status?: number } = {},
): Promise<void> {
  const seen: Seen[] = [];
  const gate = Promise.withResolvers<void>();
  if (options.held !== true) gate.resolve();
  const server = await scriptedApiserver((request, response, body) => {
    seen.push({ method: request.method ?? '', path: (request.url ?? '').split('?')[0] ?? '', body: JSON.parse(body) });
    void gate.promise.then(() => answerJson(response, options.status ?? 201, { metadata: {} }));
  });
  const client = openClient(server.access);
  const recorder = new EventRecorder({
    client,
    reportingController: 'berth.dev/controller',
    reportingInstance: 'pod-1',
    log: createLogger({ component: 'test', level: 'silent' }),
    ...options,
  });
  try {
    await run(recorder, seen, gate.resolve);
  } finally {
    gate.resolve();
    await recorder.close();
    client.close();
    await server.close();
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, 'the condition came in time');
    await sleep(2);
  }
}

describe('event recorder', () => {
  it('writes an event as events.k8s.io/v1 wants it, beside the object that it is about', async () => {
    await withRecorder(async (recorder, seen) => {
      recorder.tell(event());
      await until(() => seen.length === 1);
      const { method, path, body } = seen[0] ?? assert.fail('nothing was sent');
      assert.deepEqual([method, path], ['POST', '/apis/events.k8s.io/v1/namespaces/a/events']);
      assert.match(String(body.eventTime), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
      assert.match((body.metadata as { name: string }).name, /^web\.[0-9a-f]{16}$/);
      assert.deepEqual(
        [body.reportingController, body.reportingInstance, body.action, body.reason, body.type, body.note],
        ['berth.dev/controller', 'pod-1', 'Allocate', 'IPAllocated', 'Normal', 'Assigned 192.0.2.1'],
      );
    });
  });

  it('gathers the same event told again into a series', async () => {
    await withRecorder(async (recorder, seen) => {
      for (let time = 0; time < 100; time++) recorder.tell(event());
      recorder.tell(event({ note: 'Assigned 192.0.2.2' }));
      await recorder.close();
      assert.deepEqual(seen.map(({ method }) => method).sort(), ['PATCH', 'POST', 'POST']);
      const series = seen.find(({ method }) => method === 'PATCH')?.body.series as { count: number };
      assert.equal(series.count, 100);
    });
  });

  it('keeps its queue bounded: the oldest ordinary event goes first, and is counted', async () => {
    await withRecorder(
      async (recorder, seen, allow) => {
        recorder.tell(event({ note: 'first' }));
        await until(() => seen.length === 1);
        recorder.tell(event({ note: 'warning', type: 'Warning' }));
        for (const note of ['1', '2', '3', '4']) recorder.tell(event({ note }));
        assert.equal(recorder.dropped, 2);
        allow();
        await recorder.close();
        assert.deepEqual(
          seen.map(({ body }) => body.note),
          ['first', 'warning', '3', '4'],
        );
      },
      { capacity: 3, held: true },
    );
  });

  it('paces what it sends', async () => {
    await withRecorder(
      async (recorder, seen) => {
        for (let number = 0; number < 50; number++) recorder.tell(event({ note: String(number) }));
        await until(() => seen.length >= 2);
        await sleep(50);
        assert.ok(seen.length < 50, 'the rest waits');
        await recorder.close();
        assert.equal(seen.length, 50, 'a stop sends what is left at once');
      },
      { burst: 2, perSecond: 1 },
    );
  });

  it('gives an event up that is refused, and goes on', async () => {
    await withRecorder(
      async (recorder, seen) => {
        recorder.tell(event({ note: '1' }));
        recorder.tell(event({ note: '2' }));
        await until(() => seen.length === 2 && recorder.dropped === 2);
      },
      { status: 403 },
    );
  });

  it('cuts a note at 1 kB without breaking a character', async () => {
    await withRecorder(async (recorder, seen) => {
      recorder.tell(event({ note: 'ä'.repeat(2_000) }));
      await until(() => seen.length === 1);
      const note = String(seen[0]?.body.note);
      assert.ok(Buffer.byteLength(note) <= 1_024);
      assert.match(note, /^ä+…$/);
    });
  });
});
