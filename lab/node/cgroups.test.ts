import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hierarchies, isUnified } from './cgroups.ts';

test('the unified hierarchy alone, as current distributions mount it', () => {
  const found = hierarchies('cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime,nsdelegate 0 0\n');
  assert.deepEqual(found, [{ mountPoint: '/sys/fs/cgroup', version: 2, mountOptions: '' }]);
  assert.ok(isUnified(found));
});

test('one hierarchy for each controller, a named one and a unified one beside them', () => {
  const found = hierarchies(
    [
      'tmpfs /sys/fs/cgroup tmpfs rw,relatime,mode=755 0 0',
      'cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,nosuid,relatime,cpu,cpuacct 0 0',
      'cgroup /sys/fs/cgroup/cpuset cgroup rw,relatime,cpuset,clone_children 0 0',
      'cgroup /sys/fs/cgroup/systemd cgroup rw,xattr,release_agent=/bin/agent,name=systemd 0 0',
      'cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0',
      'proc /proc proc rw 0 0',
    ].join('\n'),
  );
  assert.deepEqual(
    found.map((one) => [one.mountPoint, one.version, one.mountOptions]),
    [
      ['/sys/fs/cgroup/cpu,cpuacct', 1, 'cpu,cpuacct'],
      ['/sys/fs/cgroup/cpuset', 1, 'cpuset'],
      ['/sys/fs/cgroup/systemd', 1, 'none,name=systemd'],
      ['/sys/fs/cgroup/unified', 2, ''],
    ],
  );
  assert.ok(!isUnified(found));
});
