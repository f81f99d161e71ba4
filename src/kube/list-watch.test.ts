import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { answerJson, scriptedApiserver } from '../../test/support/kube/scripted-apiserver.ts';
import type { KubeObject } from '../core/api/kubernetes.ts';
import { openClient } from './client.ts';
import { type KindWatch, watchKind } from './list-watch.ts';
import type { Change } from './object-store.ts';
import { services } from './resources.ts';

interface Ground {
  readonly watch: KindWatch<KubeObject>;
  /** `added a/x@1`, … */
  readonly told: string[];
  readonly troubles: string[];
  /** How often it was well again. */
  readonly recoveries: () => number;
  /** Queries of lists and watches, in order. */
  readonly asked: URLSearchParams[];
}

type Script = (query: URLSearchParams, response: ServerResponse, round: number) => void;

/** Runs a watch against a server that answers by a script; a round is a list or a watch. */
async function withWatch(
  script: { readonly list: Script; readonly watch: Script },
  run: (ground: Ground) => Promise<void>,
  options: { readonly stallMs?: number } = {},
): Promise<void> {
  const asked: URLSearchParams[] = [];
  let lists = 0;
  let watches = 0;
  const server = await scriptedApiserver((request, response) => {
    const query = new URL(request.url ?? '', 'https://x').searchParams;
    asked.push(query);
    if (query.get('watch') === 'true') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.flushHeaders();
      script.watch(query, response, ++watches);
    } else {
      script.list(query, response, ++lists);
    }
  });
  const client = openClient(server.access);
  const stop = new AbortController();
  const told: string[] = [];
  const troubles: string[] = [];
  let recoveries = 0;
  const watch = watchKind<KubeObject>({
    client,
    resource: services,
    signal: stop.signal,
    ...options,
    onChange: (change) => told.push(textOf(change)),
    onTrouble: (error) => troubles.push(String(error)),
    onWell: () => recoveries++,
  });
  try {
    await run({ watch, told, troubles, asked, recoveries: () => recoveries });
  } finally {
    stop.abort();
    await watch.done;
    client.close();
    await server.close();
  }
}

function textOf(change: Change<KubeObject>): string {
  const version = change.kind === 'deleted' ? '' : `@${change.object.metadata.resourceVersion}`;
  return `${change.kind} ${change.key}${version}`;
}

const object = (name: string, version: string, uid = name): KubeObject => ({
  metadata: { namespace: 'a', name, uid, resourceVersion: version },
});
const list = (version: string, items: readonly KubeObject[], next = ''): unknown => ({
  metadata: { resourceVersion: version, continue: next },
  items,
});
const send = (response: ServerResponse, type: string, body: unknown): void => {
  response.write(`${JSON.stringify({ type, object: body })}\n`);
};
const silent: Script = () => undefined;

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, 'the condition came in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('list-watch', () => {
  it('tells what is listed, page by page, and goes on watching from there', async () => {
    await withWatch(
      {
        list: (query, response) =>
          query.get('continue') === 'more'
            ? answerJson(response, 200, list('10', [object('y', '2')]))
            : answerJson(response, 200, list('10', [object('x', '1')], 'more')),
        watch: (_query, response) => {
          send(response, 'ADDED', object('z', '11'));
          send(response, 'MODIFIED', object('x', '12'));
          send(response, 'DELETED', object('y', '13'));
        },
      },
      async ({ watch, told, asked }) => {
        await watch.synced;
        await until(() => told.length === 5);
        assert.deepEqual(told, ['added a/x@1', 'added a/y@2', 'added a/z@11', 'modified a/x@12', 'deleted a/y']);
        assert.deepEqual([...watch.objects.keys()], ['a/x', 'a/z']);
        assert.equal(asked[0]?.get('resourceVersion'), null, 'a list as fresh as etcd itself');
        assert.equal(asked[2]?.get('resourceVersion'), '10');
        assert.equal(asked[2]?.get('allowWatchBookmarks'), 'true');
        assert.equal(watch.trouble(), undefined);
      },
    );
  });

  it('takes up a watch that ended where it ended, bookmarks included', async () => {
    await withWatch(
      {
        list: (_query, response) => answerJson(response, 200, list('10', [])),
        watch: (query, response, round) => {
          if (round > 1) return;
          assert.equal(query.get('resourceVersion'), '10');
          send(response, 'BOOKMARK', { metadata: { resourceVersion: '20' } });
          setTimeout(() => response.end(), 300);
        },
      },
      async ({ asked, troubles, told }) => {
        await until(() => asked.length === 3);
        assert.equal(asked[2]?.get('resourceVersion'), '20');
        assert.deepEqual([told, troubles], [[], []]);
      },
    );
  });

  it('lists again when its version is too old, and tells the difference as if it had been watched', async () => {
    await withWatch(
      {
        list: (_query, response, round) =>
          round === 1
            ? answerJson(
                response,
                200,
                list('10', [object('kept', '1'), object('gone', '2'), object('renewed', '3', 'u1')]),
              )
            : answerJson(
                response,
                200,
                list('30', [object('kept', '1'), object('renewed', '28', 'u2'), object('new', '29')]),
              ),
        watch: (_query, response, round) => {
          if (round === 1)
            send(response, 'ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' });
        },
      },
      async ({ told, asked }) => {
        await until(() => asked.length === 4);
        assert.deepEqual(told.slice(3), ['deleted a/gone', 'modified a/renewed@28', 'added a/new@29']);
        assert.equal(asked[3]?.get('resourceVersion'), '30');
      },
    );
  });

  it('lists at once when an apiserver that was away finds its version too old', async () => {
    const gone = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' };
    await withWatch(
      {
        list: (_query, response, round) => answerJson(response, 200, list(`${round}0`, [])),
        watch: (_query, response, round) => {
          if (round === 1) {
            send(response, 'BOOKMARK', { metadata: { resourceVersion: '11' } });
            setTimeout(() => response.destroy(), 50);
          } else if (round === 2) send(response, 'ERROR', gone);
        },
      },
      async ({ watch, asked, troubles }) => {
        await until(() => asked.length === 5 && watch.trouble() === undefined);
        assert.deepEqual(
          asked.map((query) => query.get('resourceVersion')),
          [null, '10', '11', null, '20'],
        );
        assert.equal(troubles.length, 1, 'a version that is too old is no trouble');
      },
    );
  });

  it('pauses where even the version just listed is too old', async () => {
    await withWatch(
      {
        list: (_query, response) => answerJson(response, 200, list('10', [])),
        watch: (_query, response) =>
          send(response, 'ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }),
      },
      async ({ troubles }) => {
        await until(() => troubles.length === 3);
        assert.match(troubles[2] ?? '', /too old/);
      },
    );
  });

  it('takes silence for death', async () => {
    await withWatch(
      { list: (_query, response) => answerJson(response, 200, list('10', [])), watch: silent },
      async ({ asked, troubles }) => {
        await until(() => asked.length >= 3);
        assert.match(troubles[0] ?? '', /nothing heard for 50 ms/);
      },
      { stallMs: 50 },
    );
  });

  it('is well again once a new stream is open, though nothing comes in it', async () => {
    await withWatch(
      {
        list: (_query, response) => answerJson(response, 200, list('10', [])),
        watch: (_query, response, round) => {
          if (round === 1) send(response, 'ERROR', { code: 500, reason: 'InternalError', message: 'not now' });
        },
      },
      async ({ watch, asked, recoveries }) => {
        await until(() => watch.trouble() !== undefined && asked.length > 1);
        const before = recoveries();
        await until(() => watch.trouble() === undefined);
        assert.equal(recoveries(), before + 1);
        assert.equal(asked.length, 3, 'one list, the watch that failed, and the one that is open');
      },
    );
  });

  it('goes on after answers that fail, and says meanwhile why it may be behind', async () => {
    await withWatch(
      {
        list: (_query, response, round) =>
          round < 3
            ? answerJson(response, 500, { kind: 'Status', code: 500, reason: 'InternalError', message: 'not yet' })
            : answerJson(response, 200, list('10', [object('x', '1')])),
        watch: silent,
      },
      async ({ watch, told, troubles }) => {
        await until(() => troubles.length > 0);
        assert.match(watch.trouble() ?? '', /500 InternalError: not yet/);
        await watch.synced;
        assert.deepEqual(told, ['added a/x@1']);
        assert.equal(watch.trouble(), undefined);
      },
    );
  });

  it('lists anew when asked to, also in the middle of a watch', async () => {
    await withWatch(
      {
        list: (_query, response, round) => answerJson(response, 200, list(`${round}0`, [object('x', `${round}`)])),
        watch: silent,
      },
      async ({ watch, told, asked }) => {
        await watch.synced;
        await until(() => asked.length === 2);
        await watch.relist();
        assert.deepEqual(told, ['added a/x@1', 'modified a/x@2']);
        await Promise.all([watch.relist(), watch.relist()]);
        assert.match(told.at(-1) ?? '', /modified a\/x@[34]/);
      },
    );
  });

  it('puts events together that are cut anywhere', async () => {
    await withWatch(
      {
        list: (_query, response) => answerJson(response, 200, list('10', [])),
        watch: (_query, response) => {
          const text = [object('ä', '11'), object('ö', '12')]
            .map((each) => JSON.stringify({ type: 'ADDED', object: each }))
            .join('\n');
          let at = 0;
          const bytes = Buffer.from(`${text}\n`);
          const timer = setInterval(() => {
            response.write(bytes.subarray(at, at + 7));
            at += 7;
            if (at >= bytes.length) clearInterval(timer);
          }, 1);
          response.once('close', () => clearInterval(timer));
        },
      },
      async ({ told }) => {
        await until(() => told.length === 2);
        assert.deepEqual(told, ['added a/ä@11', 'added a/ö@12']);
      },
    );
  });
});
