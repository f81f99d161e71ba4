/** A port that no Service has: refused at once instead of a client that hangs. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { parseAddress } from '../../src/core/net/address.ts';
import { UnmatchedPortFilter } from '../../src/speaker/unmatched-port.ts';
import { planned } from './ground.ts';
import { inNamespace } from './namespaces.ts';
import { realGround } from './real-ground.ts';

/** What the service proxy does for the one port of the Service. */
const DNAT = `table inet proxy {
  chain prerouting {
    type nat hook prerouting priority -100;
    ip daddr 192.0.2.10 tcp dport 80 dnat ip to 192.0.2.1:8080
    ip6 daddr 2001:db8::10 tcp dport 80 dnat ip6 to [2001:db8::1]:8080
  }
}`;

const CURL_COULD_NOT_CONNECT = 7;
const CURL_TIMED_OUT = 28;

test('a port without a Service is refused, the Service’s own is served, over both families', {
  timeout: 120_000,
}, async () => {
  await using ground = await realGround();
  const server = createServer((_, response) => response.end('served'));
  inNamespace(ground.node, () => server.listen(8080));
  await once(server, 'listening');
  execFileSync('ip', ['netns', 'exec', ground.node, 'nft', '-f', '-'], { input: DNAT });
  for (const key of ['net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding']) {
    execFileSync('ip', ['netns', 'exec', ground.node, 'sysctl', '-qw', `${key}=1`]);
  }
  await ground.plan({ set: [planned('192.0.2.10'), planned('2001:db8::10')] });

  assert.equal(
    (await curl(ground.client, 'http://192.0.2.10:81/', 1)).code,
    CURL_TIMED_OUT,
    'hangs without the filter',
  );

  const troubles: (string | undefined)[] = [];
  const filter = new UnmatchedPortFilter(
    (trouble) => troubles.push(trouble),
    ['ip', 'netns', 'exec', ground.node, 'nft'],
  );
  await filter.apply(['192.0.2.10', '2001:db8::10'].map(address));
  assert.deepEqual(troubles, [undefined]);
  try {
    for (const host of ['192.0.2.10', '[2001:db8::10]']) {
      assert.equal((await curl(ground.client, `http://${host}:81/`)).code, CURL_COULD_NOT_CONNECT);
      assert.deepEqual(await curl(ground.client, `http://${host}/`), { code: 0, text: 'served' });
    }
  } finally {
    server.close();
    server.closeAllConnections();
  }

  await filter.apply([]);
  const rules = execFileSync('ip', ['netns', 'exec', ground.node, 'nft', 'list', 'ruleset'], { encoding: 'utf8' });
  assert.ok(!rules.includes('berth'), 'nothing of ours is left');
  assert.ok(rules.includes('table inet proxy'), 'what is not ours stays');
});

test('a missing nft is told as trouble, not thrown', async () => {
  const troubles: (string | undefined)[] = [];
  const filter = new UnmatchedPortFilter((trouble) => troubles.push(trouble), ['/nowhere/nft']);
  await filter.apply([address('192.0.2.10')]);
  assert.match(troubles.join(), /nft can't be run: .*ENOENT/);
});

/** A refusal takes milliseconds, a hang as long as it is given. */
async function curl(namespace: string, url: string, seconds = 20): Promise<{ code: number | null; text: string }> {
  const args = ['netns', 'exec', namespace, 'curl', '--silent', '--globoff', '--max-time', `${seconds}`, url];
  const child = spawn('ip', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, text };
}

function address(text: string) {
  const parsed = parseAddress(text);
  assert.ok(parsed.ok);
  return parsed.value;
}
