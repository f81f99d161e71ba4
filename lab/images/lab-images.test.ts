import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readArchive } from '../../image/read-archive.ts';
import { labImages } from './lab-images.ts';

const folder = await mkdtemp(join(tmpdir(), 'berth-lab-images-'));
after(() => rm(folder, { recursive: true }));

/** Takes a program out of its image and starts it, as a container would. */
async function startFrom(name: string, args: readonly string[], env: Record<string, string> = {}) {
  const image = (await labImages()).find((one) => one.name === name);
  assert.ok(image, `no image ${name}`);
  const { config, files } = await readArchive(image.file);
  const entrypoint = config.config.Entrypoint[0]!;
  const file = join(folder, `${entrypoint.slice(1)}-${args.join('-')}`);
  await writeFile(file, files.get(entrypoint.slice(1))!.body, { mode: 0o755 });
  return spawn(file, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '::');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}

test('asking twice gives the same files', async () => {
  assert.deepEqual(await labImages(), await labImages());
});

test('the images run as nobody in particular and hold one static program', async () => {
  for (const { name, file } of await labImages()) {
    const image = await readArchive(file);
    assert.equal(image.name, name);
    assert.equal(image.config.config.User, '65532:65532');
    assert.deepEqual(
      [...image.files.keys()].map((path) => `/${path}`),
      image.config.config.Entrypoint,
    );
  }
});

test('pause ends at once when told to', async () => {
  const pause = await startFrom('lab.berth.dev/pause:1', []);
  await once(pause, 'spawn');
  // The signal may come before the handler is set; either way the process ends by it.
  pause.kill('SIGTERM');
  const [code, signal] = await once(pause, 'exit');
  assert.ok(code === 0 || signal === 'SIGTERM', `code ${code}, signal ${signal}`);
});

describe('the test server', () => {
  let server: ChildProcess;
  let port: number;

  before(async () => {
    port = await freePort();
    server = await startFrom('lab.berth.dev/server:1', [String(port)], { POD_NAME: 'web-1', NODE_NAME: 'node-2' });
    await once(server.stdout!, 'data');
  });
  after(async () => {
    server.kill('SIGTERM');
    await once(server, 'exit');
  });

  async function body(host: string, path = '/'): Promise<string> {
    const [response] = await once(get({ host, port, path, agent: false }), 'response');
    response.setEncoding('utf8');
    return (await response.toArray()).join('');
  }

  for (const { family, host, shown } of [
    { family: 'IPv4', host: '127.0.0.1', shown: '127.0.0.1' },
    { family: 'IPv6', host: '::1', shown: '[::1]' },
  ] as const) {
    test(`names its pod, its node and the client over ${family}`, async () => {
      const line = await body(host, '/hello');
      assert.ok(line.startsWith(`pod=web-1 node=node-2 client=${shown}:`), line);
      assert.ok(line.endsWith(` server=${shown}:${port} path=/hello\n`), line);
    });

    test(`sends UDP back over ${family}, from the address that was asked`, async () => {
      const socket = createSocket(family === 'IPv4' ? 'udp4' : 'udp6');
      socket.send('ping', port, host);
      const [answer, from] = await once(socket, 'message');
      socket.close();
      assert.match(String(answer), /^pod=web-1 node=node-2 client=\S+ echo=ping$/);
      assert.equal(from.address, host);
    });
  }

  test('gives as many bytes as asked for', async () => {
    assert.equal((await body('127.0.0.1', '/bytes/100001')).length, 100_001);
  });
});
