import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import {
  answerJson,
  type Handler,
  type Scripted,
  scriptedApiserver,
} from '../../test/support/kube/scripted-apiserver.ts';
import { KubeError } from './kube-error.ts';
import { openTransport, readText, type Transport } from './transport.ts';

describe('transport', () => {
  let server: Scripted;
  let transport: Transport;
  let handler: Handler = (_request, response) => answerJson(response, 200, {});

  before(async () => {
    server = await scriptedApiserver((request, response, body) => handler(request, response, body));
    transport = openTransport(server.access);
  });
  after(async () => {
    transport.close();
    await server.close();
  });
  const call = { method: 'GET', path: '/x', headers: {}, timeoutMs: 30_000 } as const;

  it('reuses one connection for calls that follow each other', async () => {
    handler = (_request, response) => answerJson(response, 200, { ok: true });
    const before = server.sockets.length;
    for (let round = 0; round < 5; round++) await readText(await transport.send(call), 30_000);
    assert.ok(server.sockets.length <= before + 1);
  });

  it('tells a call that nobody answers in time', async () => {
    handler = () => undefined;
    await assert.rejects(transport.send({ ...call, timeoutMs: 50 }), isKubeError('TimedOut'));
  });

  it('tells a call that is given up', async () => {
    handler = () => undefined;
    const given = new AbortController();
    const sent = transport.send({ ...call, signal: given.signal });
    given.abort();
    await assert.rejects(sent, isKubeError('Aborted'));
  });

  it('tells an answer that breaks off', async () => {
    handler = (_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      setImmediate(() => response.destroy());
    };
    const answer = await transport.send(call);
    await assert.rejects(readText(answer, 30_000), isKubeError('NoAnswer'));
  });

  it('asks a read again when the idle connection had just been dropped', async () => {
    let asked = 0;
    handler = (request, response) => {
      asked++;
      // The second request comes on a connection that the server closes without an answer.
      if (asked === 2) request.socket.destroy();
      else answerJson(response, 200, { asked });
    };
    await readText(await transport.send(call), 30_000);
    const text = await readText(await transport.send(call), 30_000);
    assert.deepEqual(JSON.parse(text), { asked: 3 });
  });

  it('never sends a write twice by itself', async () => {
    let asked = 0;
    handler = (request, response) => {
      asked++;
      if (asked === 2) request.socket.destroy();
      else answerJson(response, 200, {});
    };
    await readText(await transport.send(call), 30_000);
    const write = { ...call, method: 'PATCH', body: '{}' } as const;
    await assert.rejects(transport.send(write), isKubeError('StaleConnection'));
    assert.equal(asked, 2);
  });

  it('goes on after it was severed', async () => {
    handler = (_request, response) => answerJson(response, 200, {});
    await readText(await transport.send(call), 30_000);
    transport.sever();
    await readText(await transport.send(call), 30_000);
  });

  it('tells a server that is not there', async () => {
    const nobody = openTransport({ ...server.access, server: new URL('https://127.0.0.1:1') });
    await assert.rejects(nobody.send(call), isKubeError('NoAnswer'));
    nobody.close();
  });

  it('refuses a certificate that the cluster did not sign', async () => {
    const stranger = openTransport({ ...server.access, tls: { ...server.access.tls, secure: {} } });
    await assert.rejects(stranger.send(call), isKubeError('NoAnswer'));
    stranger.close();
  });
});

describe('sever', () => {
  it('resets connections, so that unsent bytes die with them', async () => {
    // A relay that sees how the client's connection ends: a plain close says FIN, a severed one RST.
    const inner = await scriptedApiserver(() => undefined);
    const ends: string[] = [];
    const accepted = Promise.withResolvers<Socket>();
    const relay = createServer((socket) => {
      const behind = inner.access.server;
      const other = new (socket.constructor as typeof Socket)();
      other.connect(Number(behind.port), behind.hostname);
      socket.pipe(other).on('error', () => socket.destroy());
      other.pipe(socket);
      socket.once('end', () => ends.push('FIN'));
      socket.once('error', (error: NodeJS.ErrnoException) => ends.push(error.code ?? ''));
      accepted.resolve(socket);
    });
    relay.listen(0, '127.0.0.1');
    await once(relay, 'listening');
    const { port } = relay.address() as { port: number };
    const transport = openTransport({ ...inner.access, server: new URL(`https://127.0.0.1:${port}`) });
    const sent = transport.send({ method: 'PATCH', path: '/x', headers: {}, body: '{}', timeoutMs: 60_000 });
    const failure = assert.rejects(sent, isKubeError('NoAnswer'));
    const socket = await accepted.promise;
    while (inner.sockets.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 100));
    transport.sever();
    await failure;
    if (!socket.closed) await once(socket, 'close').catch((error: unknown) => assert.ok(error instanceof Error));
    assert.deepEqual(ends, ['ECONNRESET']);
    transport.close();
    relay.close();
    await inner.close();
  });
});

function isKubeError(reason: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof KubeError);
    assert.equal(error.status, 0);
    assert.equal(error.reason, reason);
    return true;
  };
}
