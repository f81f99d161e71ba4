import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHead } from './cgi.ts';

const body = Buffer.from([0, 13, 10, 13, 10, 255]);
const answer = (head: string) => Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]);

test('an answer without a status is 200, and its body begins behind the first empty line', () => {
  const received = answer('Content-Type: application/x-git\r\nExpires: Fri, 01 Jan 1980 00:00:00 GMT');
  const head = readHead(received)!;
  assert.equal(head.status, 200);
  assert.deepEqual(head.headers, ['Content-Type', 'application/x-git', 'Expires', 'Fri, 01 Jan 1980 00:00:00 GMT']);
  assert.deepEqual(received.subarray(head.bodyAt), body);
});

test('a status is its number', () => {
  assert.equal(readHead(answer('Status: 404 Not Found\r\nContent-Type: text/plain'))?.status, 404);
});

test('byte by byte, the head is there once its end has come and not before', () => {
  const received = answer('Status: 403 Forbidden');
  const end = received.indexOf('\r\n\r\n') + 4;
  for (let length = 0; length < end; length += 1) assert.equal(readHead(received.subarray(0, length)), undefined);
  assert.deepEqual(readHead(received.subarray(0, end)), { status: 403, headers: [], bodyAt: end });
});
